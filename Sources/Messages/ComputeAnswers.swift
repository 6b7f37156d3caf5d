public import Records

/// How far the training of a fold is.
public struct TrainProgress: Codable, Equatable, Sendable {
    /// Epochs.
    public var done: Int
    /// Epochs that there will be at most.
    public var total: Int
    /// Of a search: which of its candidates is trained, counted from 1.
    public var candidate: Int?

    public init(done: Int, total: Int, candidate: Int? = nil) {
        (self.done, self.total, self.candidate) = (done, total, candidate)
    }
}

/// How a slide's prediction ended; it is said at once, and nothing of it is said again.
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

/// What became of a fold.
public struct TrainAnswer: Codable, Equatable, Sendable {
    /// Files that were published.
    public var outputs: [String]
    /// Of the fold's outcome: the chosen epoch and areas under curves.
    public var figures: [String: Double]
    /// Bags without a row: left out, which is no failure.
    public var empty: [SlideID]
    /// Seconds of the clock from the first step until the model has judged its bags.
    public var learning = 0.0
    /// Seconds of the clock that the plain models of mean features took after that.
    public var baselines = 0.0

    public init(outputs: [String], figures: [String: Double], empty: [SlideID]) {
        self.outputs = outputs
        self.figures = figures
        self.empty = empty
    }
}

/// The end of a verb that has said all on the way.
public struct Done: Codable, Equatable, Sendable {
    public init() {}
}
