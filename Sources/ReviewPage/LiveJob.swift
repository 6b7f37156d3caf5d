import Files
import Foundation
public import Records
import Storage

/// What is to be said of a job's predictions, by their name and slide.
public typealias PredictionRemarks = @Sendable (JobLayout) throws -> [String: [SlideID: String]]

/// The job as it is now: what a running server says follows every new prediction and training.
actor LiveJob {
    private var job: ReviewJob
    /// nil where the folders could not be looked into: then the job is read anew.
    private var stamps: Stamps?
    private let remarks: PredictionRemarks

    private struct Stamps: Equatable {
        var predictions: [String: [SlideID: KnownPredictions.Stamp]]
        /// Of folders whose entries come and go with the work of other stages.
        var folders: [String: FileFacts?]

        init(_ layout: JobLayout) throws {
            predictions = try KnownPredictions.stamps(layout)
            let stages = try SlideState.stages(in: layout).map { layout.outcomes(stage: $0).path }
            let trainings = predictions.keys.map { layout.training(TrainingName(text: $0)).file(.study).path }
            folders = Dictionary(
                (stages + trainings).map { ($0, FileFacts($0)) },
                uniquingKeysWith: { first, _ in first }
            )
        }
    }

    init(_ job: ReviewJob, remarks: @escaping PredictionRemarks) {
        self.job = job
        self.remarks = remarks
        stamps = try? Stamps(job.layout)
    }

    /// - Throws: `Failure` where the job holds no slides any more, or its records cannot be read.
    func current() throws -> ReviewJob {
        let now = try Stamps(job.layout)
        if now != stamps {
            job = try ReviewJob(job.layout, notes: remarks(job.layout), before: job)
            stamps = now
        }
        return job
    }
}
