public import Records

/// One slide with its target, what the model says and what was decided.
public struct Judged: Equatable, Sendable {
    public var caseID: String
    public var target: Target
    /// One per class.
    public var probabilities: [Double]
    /// The probabilities after temperature scaling; nil where there is no temperature.
    public var calibrated: [Double]?
    /// Index of the class decided for, by the threshold in force or as the most probable one.
    public var decision: Int

    public init(caseID: String, target: Target, probabilities: [Double], calibrated: [Double]? = nil, decision: Int) {
        self.caseID = caseID
        self.target = target
        self.probabilities = probabilities
        self.calibrated = calibrated
        self.decision = decision
    }

    /// Decides as `ClassCall` does.
    public init(
        caseID: String,
        target: Target,
        probabilities: [Double],
        threshold: Double?,
        temperature: Temperature? = nil
    ) {
        self.init(
            caseID: caseID,
            target: target,
            probabilities: probabilities,
            calibrated: temperature?.scaled(probabilities),
            decision: ClassCall(probabilities, threshold: threshold).called
        )
    }

    /// Index of the true class.
    public var label: Int {
        switch target {
        case .class(let label): label
        }
    }

    /// The same with the scaled probabilities where there are some.
    var temperatureScaled: Judged {
        Judged(caseID: caseID, target: target, probabilities: calibrated ?? probabilities, decision: decision)
    }
}

extension [Double] {
    /// Index of the largest number, of equal ones the first.
    var mostProbable: Int { ClassCall(self, threshold: nil).called }
}
