/// How far a verb is.
public struct ComputeProgress: Codable, Equatable, Sendable {
    /// What is counted: `epoch` or `slide`.
    public var unit: String
    public var done: Int
    public var total: Int
    /// The fold or slide at hand.
    public var subject: String
    /// Losses, metrics and the like; only finite numbers.
    public var figures: [String: Double]

    public init(unit: String, done: Int, total: Int, subject: String, figures: [String: Double] = [:]) {
        self.unit = unit
        self.done = done
        self.total = total
        self.subject = subject
        self.figures = figures
    }
}

/// What a verb achieved.
public struct ComputeResult: Codable, Equatable, Sendable {
    /// Files that were published.
    public var outputs: [String]
    public var figures: [String: Double]
    /// Slides that could not be used, each with its reason; the process then ends with exit 3.
    public var failures: [Failure]
    /// Slides whose feature file has no row: left out, which is no failure.
    public var empty: [SlideID]
    /// What the verb tells in words; nil for most.
    public var facts: [String: String]?

    public init(
        outputs: [String] = [],
        figures: [String: Double] = [:],
        failures: [Failure] = [],
        empty: [SlideID] = []
    ) {
        self.outputs = outputs
        self.figures = figures
        self.failures = failures
        self.empty = empty
    }
}

/// One line of `wsi-compute`'s standard output: `{"progress": {…}}`, at the end `{"result": {…}}`.
public struct ComputeLine: Codable, Equatable, Sendable {
    public var progress: ComputeProgress?
    public var result: ComputeResult?

    public init(progress: ComputeProgress) { self.progress = progress }

    public init(result: ComputeResult) { self.result = result }
}
