import ArgumentParser
import Config
import Pipeline
import Records
import Storage

struct Train: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train a model on a study's features.",
        discussion: """
            Folds are by case; the epoch and the threshold are chosen on a validation part that is never the test part.
            Writes JOB/training/<name>/fold_K/ (checkpoint, history, predictions) and metrics.json; with training.seeds,
            a folder seed_S of these for every seed. Folds and seeds are trained beside each other, one per worker, each
            on one thread, or one per GPU of the config's training.device; how many at once changes nothing in the results. All that is wrong with labels, splits and
            features is said before any work, as by wsi check.

            As jobs of a cluster: --fold trains single folds, each as a whole training would, and --join writes what follows
            from all of them. A plain wsi train does both for whatever is missing.

            Examples:
              wsi train --config pipelines/camelyon.json --out study
              wsi train --config pipelines/clam.json --out study      # on features of CLAM, TRIDENT or STAMP
              wsi train --config study.json --out study --fold 3 --seed 1
              wsi train --config study.json --out study --join
            """.reflowed + Help.exitCodes
    )

    @OptionGroup var study: StudyOptions

    @OptionGroup(title: "Folds as jobs") var folds: FoldOptions

    @OptionGroup(title: "Work") var bags: BagMemoryOption
    @OptionGroup(title: "Work") var gpus: FoldsPerGPUOption
    @OptionGroup(title: "Work") var work: WorkOptions

    func run() async throws {
        let part = folds.part(seed: study.seed)
        let study = try study.study(keepsSeeds: part != .whole)
        if part == .join, self.study.seed != nil, study.config.training.seeds != nil {
            throw Failure(.usage, nil, "--join joins all of training.seeds; leave out --seed")
        }
        let memory = try bags.memory()
        var settings = try await work.settings()
        settings.bagMemory = memory
        settings.foldsPerGPU = gpus.foldsPerGpu
        let layout = try self.study.job.layout()
        try MachineNeeds.ofWork(settings, readsSlides: false).begin(in: layout.root)
        let run = StudyRun(
            study: study,
            layout: layout,
            settings: settings,
            version: wsiVersion
        )
        let end = try await run.train(part, progress: work.progress.sink)
        if !work.quiet, let training = end.training { try say(training) }
        try end.status.throwUnlessOK()
    }

    private func say(_ training: TrainingEnd) throws {
        let job = self.study.job.out
        let redo = training.hasOlderPredictions ? ["--redo"] : []
        try Console.result(EndText.of(training, next: ["wsi", "predict", job, "--model", training.name] + redo))
    }
}
