/// How a job is read: by whom, and whether the model is seen first.
public struct ReadingPlan: Sendable {
    /// Whether slides are sealed for every reader until their first opinion.
    public var isBlinded: Bool
    /// Which slides are whose; nil: everybody's.
    public var assignment: ReaderAssignment?

    public init(isBlinded: Bool = false, assignment: ReaderAssignment? = nil) {
        self.isBlinded = isBlinded
        self.assignment = assignment
    }
}
