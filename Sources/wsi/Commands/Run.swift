import ArgumentParser
import Config
import Foundation
import Pipeline
import Records
import Storage

/// `--config` and `--out`, shared by the commands that work on a study.
struct StudyOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The study's config; see pipelines/camelyon.json.", valueName: "json"))
    var config: String

    @OptionGroup var job: JobOption

    @Option(help: ArgumentHelp("Seed of initial weights, order and masks; overrides the config.", valueName: "seed"))
    var seed: UInt64?

    @OptionGroup var naming: NamingOption

    @OptionGroup var mismatch: MismatchOption

    /// - Parameter keepsSeeds: whether `--seed` names one of `training.seeds`, where there are several, and does not replace them.
    func study(
        scale: ScaleOptions? = nil,
        reading: ReadingOptions? = nil,
        keepsSeeds: Bool = false
    ) throws -> Study {
        try Study(
            config: URL(filePath: config).standardizedFileURL,
            overrides: StudyOverrides(
                seed: seed,
                keepsSeeds: keepsSeeds,
                slideMPP: scale?.slideMpp,
                mppTable: scale?.mppTable,
                reading: reading?.changes ?? ReadingChanges(),
                allowsScaleMismatch: mismatch.allowScaleMismatch,
                naming: naming.idFrom
            )
        )
    }
}

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Walk a whole study: tile, features, train, predict, heatmap.",
        discussion: """
            What is done is not done again; what was interrupted goes on; what an earlier stage changed is redone.

            With --only it is one stage alone, on a shard of the slides where --shard names one: what a job of a cluster does.

            Examples:
              wsi run --config pipelines/camelyon.json --out study
              wsi run --config pipelines/camelyon.json --out study --time-left 3h30m --log-json
              wsi run --config pipelines/camelyon.json --out study --only tile --shard 3/100
            """.reflowed + Help.exitCodes
    )

    @OptionGroup var study: StudyOptions

    @OptionGroup var part: PartOptions

    @OptionGroup(title: "Slides") var scale: ScaleOptions
    @OptionGroup(title: "Slides") var reading: ReadingOptions
    @OptionGroup(title: "Slides") var dry: DryRunOption

    @OptionGroup(title: "Slides far away") var staging: StageOptions

    @OptionGroup(title: "Work") var bags: BagMemoryOption
    @OptionGroup(title: "Work") var gpus: FoldsPerGPUOption
    @OptionGroup(title: "Work") var work: WorkOptions

    @Flag(
        help: ArgumentHelp(
            "Wait until another run on the same job has ended.",
            discussion: "Without it, one that is at work on this host is named, and the exit code is 75."
        )
    )
    var wait = false

    func validate() throws {
        if part.only != nil, dry.dryRun { throw ValidationError("--dry-run is of a whole run; leave out --only") }
        if part.only != nil, wait { throw ValidationError("--wait is for whole runs; leave out --only") }
    }

    func run() async throws {
        let study = try study.study(scale: scale, reading: reading)
        var settings = try await work.settings(redoChangedInputs: true)
        settings.selection = part.selection
        settings.bagMemory = try bags.memory()
        settings.foldsPerGPU = gpus.foldsPerGpu
        settings.staging = try staging.staging(study: study.command, dryRun: dry.dryRun)
        let layout = try self.study.job.layout()
        let run = StudyRun(study: study, layout: layout, settings: settings, version: wsiVersion, waits: wait)
        let encoder = study.config.features.encoder
        let needs = MachineNeeds.ofWork(
            settings,
            usesTemporaryFolder: encoder.map { !EncoderChoice.isBuiltIn($0) } ?? false
        )
        try needs.check()
        if dry.dryRun {
            Console.line("training, predictions and heatmaps are not estimated")
            study.searchNotes.forEach(Console.line)
            return try await dry.report(settings) { try await run.previews(progress: $0) }
        }
        try needs.begin(in: layout.root)
        if let part = part.only { return try await run.run(only: part, progress: work.progress.sink).throwUnlessOK() }
        let end = try await run.run(progress: work.progress.sink)
        if !work.quiet, let training = end.training {
            try Console.result(EndText.of(training, next: next(end, training)))
        }
        try end.status.throwUnlessOK()
    }

    private func next(_ end: StudyEnd, _ training: TrainingEnd) -> [String] {
        let job = self.study.job.out
        if end.status != .ok { return ["wsi", "status", job] }
        return end.hasMaps ? ["wsi", "review", job] : ["wsi", "evaluate", job, "--model", training.name]
    }
}
