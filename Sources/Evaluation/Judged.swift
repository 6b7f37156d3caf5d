public import Records

/// One slide with its target and what the model says.
public struct Judged: Equatable, Sendable {
    public var caseID: String
    public var target: Target
    /// With what was decided, by the threshold in force.
    public var answer: Answer
    /// Of what model it is: the fold. Risks of different models have no common zero.
    public var group: Int

    public init(caseID: String, target: Target, answer: Answer, group: Int = 0) {
        (self.caseID, self.target, self.answer, self.group) = (caseID, target, answer, group)
    }

    /// Where a class was asked.
    public var ofClass: JudgedClass? {
        target.label.flatMap { label in answer.ofClass.map { JudgedClass(caseID: caseID, label: label, answer: $0) } }
    }
}

extension Judged {
    /// Where a class was asked, or one of several in an order: what was decided for, and what it is.
    var inClasses: JudgedClass? {
        guard case .ordinal(let answer) = answer, let grade = target.grade else { return ofClass }
        return JudgedClass(caseID: caseID, label: grade, probabilities: answer.probabilities, decision: answer.called)
    }
}

/// One slide of which a class was asked: what the figures of classification are made of.
public struct JudgedClass: Equatable, Sendable {
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
        (self.caseID, self.label, self.probabilities) = (caseID, label, probabilities)
        (self.calibrated, self.decision) = (calibrated, decision)
    }

    init(caseID: String, label: Int, answer: ClassAnswer) {
        (self.caseID, self.label) = (caseID, label)
        (probabilities, calibrated, decision) = (answer.probabilities, answer.calibrated, answer.called)
    }

    /// The same with the scaled probabilities where there are some.
    var temperatureScaled: JudgedClass {
        JudgedClass(caseID: caseID, label: label, probabilities: calibrated ?? probabilities, decision: decision)
    }
}

extension [Double] {
    /// Index of the largest number, of equal ones the first.
    var mostProbable: Int { ClassCall(self, threshold: nil).called }
}
