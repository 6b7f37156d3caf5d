import ArgumentParser
import Pipeline

/// `--stage`: slides that lie far away are copied to a disk of this machine before they are read.
struct StageOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Copy slides into this folder before they are read; copies are removed after their work.",
            discussion: "For slides on a share, and needed for those of an object store; see docs/guides/staging.md.",
            valueName: "dir"
        )
    )
    var stage: String?

    @Option(
        help: ArgumentHelp(
            "What all copies together may take, such as 200G. Default: half of what is free there, 50G at most.",
            valueName: "size"
        )
    )
    var stageSize: String?

    @Option(
        help: ArgumentHelp(
            "The client that gets slides from s3://… and the like: 'aws s3 cp {from} {to}'. No shell is used.",
            valueName: "command"
        )
    )
    var stageCommand: String?

    private var request: StagingRequest { StagingRequest(folder: stage, size: stageSize, command: stageCommand) }

    /// - Parameter study: the command that the study's config names.
    func staging(study: StudyCommand? = nil, dryRun: Bool = false) throws -> Staging? {
        try request.staging(study: study, dryRun: dryRun)
    }
}
