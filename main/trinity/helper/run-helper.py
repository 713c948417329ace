"""The end of every helper program: runs the command that its arguments name."""


def main(command, *arguments):
    if sys.version_info < (3, 9):
        raise SystemExit("Python is older than 3.9")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    COMMANDS[command](*arguments)
    output.flush()


try:
    main(*sys.argv[1:])
except (OSError, ValueError) as problem:
    # One line, for whoever started this.
    sys.exit(str(problem))
