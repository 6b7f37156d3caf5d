import Records

@testable import Evaluation

extension Judged {
    /// Of a class, by its index.
    init(caseID: String, label: Int, probabilities: [Double], calibrated: [Double]? = nil, decision: Int) {
        self.init(
            caseID: caseID,
            target: .class(label),
            probabilities: probabilities,
            calibrated: calibrated,
            decision: decision
        )
    }

    init(
        caseID: String,
        label: Int,
        probabilities: [Double],
        threshold: Double?,
        temperature: Temperature? = nil
    ) {
        self.init(
            caseID: caseID,
            target: .class(label),
            probabilities: probabilities,
            threshold: threshold,
            temperature: temperature
        )
    }
}
