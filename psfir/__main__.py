"""`python -m psfir` is `psfir`."""

from psfir.cli.main import main

if __name__ == "__main__":
    main()
