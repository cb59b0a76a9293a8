"""Names for what moto makes: AWS gives an instance, a mapping or a rule its id, and a runbook names what it was given.

`NAMES` is a part of the program that serves moto. A name that was asked for beforehand goes to the first thing that is
made of its kind; whatever is made without one gets moto's own.
"""

NAMES = """
from uuid import UUID
from moto.moto_api._internal.moto_random import MotoRandom
names = []
def taken(fits):
    for name in names:
        if fits(name):
            names.remove(name)
            return name
drawn = {"uuid4": MotoRandom.uuid4, "get_random_hex": MotoRandom.get_random_hex}
def uuid4(self):
    name = taken(lambda one: re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", one))
    return UUID(name) if name else drawn["uuid4"](self)
def get_random_hex(self, length=8):
    name = taken(lambda one: len(one) == length and re.fullmatch("[0-9a-f]+", one))
    return name or drawn["get_random_hex"](self, length)
MotoRandom.uuid4, MotoRandom.get_random_hex = uuid4, get_random_hex
def told(seeded):
    def seed(self, request, full_url, headers):
        self.setup_class(request)
        if name := self._get_param("name"):
            names.append(name)
            return 200, {}, ""
        return seeded(self, request, full_url, headers)
    return seed
def in_ec2(utils):
    drawn["ec2"] = utils.random_id
    def random_id(prefix="", size=17):
        return taken(lambda one: re.fullmatch(prefix + "-[0-9a-f]+", one)) or drawn["ec2"](prefix, size)
    utils.random_id = random_id
def in_elbv2(models):
    def named(make, kind):
        return lambda **of: taken(lambda one: f":{kind}/" in one) or make(**of)
    for kind, word in (("load_balancer", "loadbalancer"), ("target_group", "targetgroup")):
        name = f"make_arn_for_{kind}"
        setattr(models, name, named(getattr(models, name), word))
unnamed, seen = threaded_moto_server.create_backend_app, set()
def with_names(service):
    if service == "moto_api":
        from moto.moto_api._internal.responses import MotoAPIResponse
        MotoAPIResponse.seed = told(MotoAPIResponse.seed)
    app = unnamed(service)
    for module, mend in (("moto.ec2.utils", in_ec2), ("moto.elbv2.models", in_elbv2)):
        if module in sys.modules and module not in seen:
            seen.add(module)
            mend(sys.modules[module])
    return app
threaded_moto_server.create_backend_app = with_names
"""
