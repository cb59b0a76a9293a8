"""The program that serves moto: what starts it, and what is mended in it, so that it decides as IAM does.

It is handed to Python as a text: whatever imports moto has another botocore from then on.
"""

from __future__ import annotations

from psfir.range.aws.moto_names import NAMES

_MENDED = r"""
import logging, os, re, sys
from urllib.parse import unquote
from moto.iam.access_control import IAMRequestBase
from moto.core.responses import BaseResponse
from moto.moto_server import threaded_moto_server
from moto.server import ThreadedMotoServer
signed = IAMRequestBase._create_aws_request
def without_body(self):
    # Where there is no body moto signs the headers in its place, and no reading of Lambda has a right signature.
    if self._headers.get("Content-Length", "0") in ("", "0"):
        self._data = b""
    return signed(self)
IAMRequestBase._create_aws_request = without_body
def about(self, kind):
    # What policies name as the resource of a request, without the partition; nothing where AWS knows none but all.
    asked, here, name = self._get_param, f"{self.region}:{self.current_account}", str(self._get_action())
    if kind == "LambdaResponse" and (found := re.search(r"/(functions|event-source-mappings)/([^/?]+)", self.path)):
        return [f"lambda:{here}:{found[1][:-1]}:{found[2].rpartition(':')[2]}"]
    if kind == "EC2ContainerServiceResponse" and (one := asked("service") or asked("services")):
        one, cluster = (one if isinstance(one, str) else one[0]), asked("cluster") or "default"
        return [f"ecs:{here}:service/{cluster.rpartition('/')[2]}/{one.rpartition('/')[2]}"]
    if kind in ("APIGatewayResponse", "ApiGatewayV2Response"):
        return [f"apigateway:{self.region}::{unquote(self.path)}"]
    if kind == "LogsResponse" and asked("logGroupName"):
        return [f"logs:{here}:log-group:{asked('logGroupName')}:*"]
    if kind == "EventsHandler" and asked("Name"):
        bus = asked("EventBusName") or "default"
        return [f"events:{here}:rule/" + (asked("Name") if bus == "default" else f"{bus}/{asked('Name')}")]
    if kind == "SimpleSystemManagerResponse" and asked("Name"):
        return [f"ssm:{here}:parameter/" + asked("Name").lstrip("/")]
    if kind == "WAFV2Response" and asked("Id"):
        scope = "global" if asked("Scope") == "CLOUDFRONT" else "regional"
        used = re.findall(r'"ARN": *"arn:aws:([^"]+)"', str(self.body))
        return [f"wafv2:{here}:{scope}/webacl/{asked('Name')}/{asked('Id')}", *used]
    if name.startswith("Describe"):
        return []
    if kind == "AutoScalingResponse" and asked("AutoScalingGroupName"):
        return [f"autoscaling:{here}:autoScalingGroup:0:autoScalingGroupName/{asked('AutoScalingGroupName')}"]
    if kind == "ELBV2Response" and (arn := asked("RuleArn") or asked("ListenerArn")):
        return [arn.removeprefix("arn:aws:")]
    if kind == "EC2Response" and asked("NetworkInterfaceId"):
        groups = [values[0] for key, values in self.querystring.items() if key.startswith("SecurityGroupId.")]
        return [f"ec2:{here}:network-interface/{asked('NetworkInterfaceId')}"] + [
            f"ec2:{here}:security-group/{one}" for one in groups
        ]
    return []
def resource(self):
    # Where a service of moto does not say what it is asked about, only policies for every resource would allow it.
    return " ".join(f"arn:aws:{one}" for one in about(self, type(self).__name__)) or "*"
BaseResponse._determine_resource = resource
permitted = IAMRequestBase.check_action_permitted
def by_its_name(self, resource):
    # What policies call API Gateway's actions are HTTP's own methods, and CloudWatch is not what it signs as.
    if self._service == "apigateway":
        self._action = "apigateway:" + self._method
    self._action = re.sub("^monitoring:", "cloudwatch:", self._action)
    for one in resource.split(" "):
        permitted(self, one)
IAMRequestBase.check_action_permitted = by_its_name
making = threaded_moto_server.create_backend_app
def made(service):
    app = making(service)
    if service == "apigateway":  # loaded with the first call on it, and not before
        from moto.apigateway.models import Stage
        patched = Stage.apply_operations
        def with_removal(self, operations):
            # It takes no settings of a method away, and says that it has.
            for one in operations:
                if one["op"] == "remove" and one["path"].count("/") == 2:
                    self.method_settings.pop(one["path"][1:], None)
            return patched(self, operations)
        Stage.apply_operations = with_removal
    if service == "sqs":
        from moto.sqs.responses import SQSResponse
        of_url = SQSResponse._get_queue_name
        SQSResponse._get_queue_name = lambda self: self._get_param("QueueName") or of_url(self)
    return app
threaded_moto_server.create_backend_app = made
"""
_SERVED = """
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what it does not know it tells with a traceback, and the client too
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
server.stop()
"""
PROGRAM = _MENDED + NAMES + _SERVED
