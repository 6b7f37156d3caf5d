import ArgumentParser
import Pipeline
import Records
import Storage

struct Train: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train a model on a study's features.",
        discussion: """
            Folds are by case; the epoch and the threshold are chosen on a validation part that is never the test part.
            Writes JOB/training/<name>/fold_K/ (checkpoint, history, predictions) and metrics.json.

            Example:
              wsi train --config pipelines/camelyon.json --out study
            """
    )

    @OptionGroup var study: StudyOptions

    @OptionGroup(title: "Work") var work: WorkOptions

    func run() async throws {
        let study = try study.study()
        AtomicFile.sweep(self.study.job.layout.root)
        let run = StudyRun(
            study: study,
            layout: self.study.job.layout,
            settings: try work.settings(),
            version: wsiVersion
        )
        try await run.train(progress: work.progress.sink).throwUnlessOK()
    }
}
