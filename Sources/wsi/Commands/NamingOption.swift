public import ArgumentParser
public import Pipeline

/// `--id-from`: what slides without an id in a list are called.
struct NamingOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What DICOM slides are called: file (their folder, or the one file) or container (their ContainerIdentifier). "
                + "Default: file.",
            discussion:
                "The container's name goes into every file of the job: ask for it where it tells nothing of a patient.",
            valueName: "file|container"
        )
    )
    var idFrom: SlideNaming = .file
}

extension SlideNaming: ExpressibleByArgument {}
