import Files
import Foundation
import Records
import Storage

/// How far a job has come with a slide, for those without a prediction, and why.
struct SlideState: Equatable, Sendable {
    enum Step: String, Encodable, Sendable {
        /// It has a prediction.
        case ok
        case empty, failed
        /// It has patches, or features, and nothing that follows.
        case tiled, features
    }

    var step: Step
    /// For people; nil where all is well.
    var reason: String?

    /// - Parameter problem: why another model's prediction of it cannot be shown.
    static func predicted(but problem: Failure?) -> SlideState {
        SlideState(step: .ok, reason: problem.map { "\($0.code.rawValue): \($0.message)" })
    }

    private init(step: Step, reason: String? = nil) { (self.step, self.reason) = (step, reason) }

    /// What the outcomes tell of a slide that has no prediction to show.
    /// - Parameter problem: why one that is there cannot be shown.
    init(of slide: SlideID, in layout: JobLayout, stages: [StageName], problem: Failure?) {
        if let problem {
            self.init(step: .failed, reason: "\(problem.code.rawValue): \(problem.message)")
            return
        }
        var reached = SlideState(step: .tiled, reason: "no features of it were computed yet")
        for stage in stages {
            let record: Outcome?
            do { record = try layout.record(of: slide, stage: stage) } catch {
                self.init(step: .failed, reason: "\(error.code.rawValue): \(error.message)")
                return
            }
            guard let outcome = record else { continue }
            switch outcome.status {
            case .failed, .refused:
                let failure = outcome.failure
                self.init(
                    step: .failed,
                    reason: failure.map { "\($0.code.rawValue): \($0.message)" } ?? "no reason was recorded"
                )
                return
            case .empty:
                self.init(step: .empty, reason: outcome.emptyReason ?? "it has no patch")
                return
            case .ok:
                if stage.kind == .features {
                    reached = SlideState(step: .features, reason: "no model has judged it yet")
                }
            }
        }
        self = reached
    }

    /// Those that a slide goes through, in their order.
    static func stages(in layout: JobLayout) throws -> [StageName] {
        let stages = try FolderWalk.names(in: layout.folder(.outcomes)).sorted().map(StageName.init)
        return [.tile, .features, .predict].flatMap { kind in stages.filter { $0.kind == kind } }
    }
}
