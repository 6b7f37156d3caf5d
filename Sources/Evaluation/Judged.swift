/// One slide with its true class, what the model says and what was decided.
public struct Judged: Equatable, Sendable {
    public var caseID: String
    /// Index of the true class.
    public var label: Int
    /// One per class.
    public var probabilities: [Double]
    /// The probabilities after temperature scaling; nil where there is no temperature.
    public var calibrated: [Double]?
    /// Index of the class decided for, by the threshold in force or as the most probable one.
    public var decision: Int

    public init(caseID: String, label: Int, probabilities: [Double], calibrated: [Double]? = nil, decision: Int) {
        self.caseID = caseID
        self.label = label
        self.probabilities = probabilities
        self.calibrated = calibrated
        self.decision = decision
    }

    /// Decides by `threshold` on class 1 where there is one, else for the most probable class (the first of equal ones).
    public init(
        caseID: String,
        label: Int,
        probabilities: [Double],
        threshold: Double?,
        temperature: Temperature? = nil
    ) {
        let decision: Int
        if let threshold, probabilities.count == 2 {
            decision = probabilities[1] >= threshold ? 1 : 0
        } else {
            decision = probabilities.mostProbable
        }
        self.init(
            caseID: caseID,
            label: label,
            probabilities: probabilities,
            calibrated: temperature?.scaled(probabilities),
            decision: decision
        )
    }

    /// The same with the scaled probabilities where there are some.
    var temperatureScaled: Judged {
        Judged(caseID: caseID, label: label, probabilities: calibrated ?? probabilities, decision: decision)
    }
}

extension [Double] {
    /// Index of the largest number, of equal ones the first.
    var mostProbable: Int { indices.reduce(0) { self[$1] > self[$0] ? $1 : $0 } }
}
