public import Records

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

/// How a slide ended, in a verb that works slide by slide; it is said at once, and nothing of it is said again.
public struct SlideEnd: Codable, Equatable, Sendable {
    public enum Way: Codable, Equatable, Sendable {
        /// Its file is published.
        case written
        /// Its feature file has no row, which is no failure.
        case empty
        /// It could not be used.
        case failed(Failure)
    }

    public var slide: SlideID
    public var way: Way

    public init(_ slide: SlideID, _ way: Way) {
        self.slide = slide
        self.way = way
    }
}

/// What a verb achieved.
public struct ComputeResult: Codable, Equatable, Sendable {
    /// Files that were published.
    public var outputs: [String]
    public var figures: [String: Double]
    /// Slides whose feature file has no row: left out, which is no failure.
    public var empty: [SlideID]
    /// What the verb tells in words; nil for most.
    public var facts: [String: String]?

    public init(
        outputs: [String] = [],
        figures: [String: Double] = [:],
        empty: [SlideID] = []
    ) {
        self.outputs = outputs
        self.figures = figures
        self.empty = empty
    }
}

/// One line of `wsi-compute`'s standard output: `{"progress": {…}}` or `{"ended": {…}}`, at the end `{"result": {…}}`.
public struct ComputeLine: Codable, Equatable, Sendable {
    public var progress: ComputeProgress?
    public var ended: SlideEnd?
    public var result: ComputeResult?

    public init(progress: ComputeProgress) { self.progress = progress }

    public init(ended: SlideEnd) { self.ended = ended }

    public init(result: ComputeResult) { self.result = result }
}
