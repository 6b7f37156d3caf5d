import Config
import Records

@testable import Evaluation

extension JudgedClass {
    /// Decided by the threshold, else for the most probable class.
    init(caseID: String, label: Int, probabilities: [Double], threshold: Double?) {
        self.init(caseID: caseID, label: label, answer: ClassAnswer(probabilities, threshold: threshold))
    }

    /// As a row of a fold's table.
    var judged: Judged {
        Judged(
            caseID: caseID,
            target: .class(label),
            answer: .class(ClassAnswer(probabilities, calibrated: calibrated, called: decision))
        )
    }
}

extension MetricReport {
    init(_ sample: [JudgedClass], classes: [String], evaluation: EvaluationConfig, seed: UInt64) {
        self.init(sample.map(\.judged), classes: classes, evaluation: evaluation, seed: seed)
    }
}
