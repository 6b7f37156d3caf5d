public import Config

/// What a fold has compared on its validation part, and what it has chosen; a part of `checkpoint.json`.
public struct ComparedCandidates: Codable, Equatable, Sendable {
    public struct Candidate: Codable, Equatable, Sendable {
        /// Counted from 1.
        public var number: Int
        public var settings: [SearchCandidate.Setting]
        /// The epoch that it kept, counted from 0; nil where it could not be trained.
        public var epoch: Int?
        /// The measure on the validation part at that epoch; nil where there is none.
        public var value: Double?
        /// Why it could not be trained.
        public var failure: String?
        /// Of the fold as if this were its only config.
        public var fingerprint: String

        public init(
            number: Int,
            settings: [SearchCandidate.Setting],
            epoch: Int?,
            value: Double?,
            failure: String?,
            fingerprint: String
        ) {
            (self.number, self.settings, self.epoch) = (number, settings, epoch)
            (self.value, self.failure, self.fingerprint) = (value, failure, fingerprint)
        }
    }

    /// What they were compared by: of `loss` the smallest is the best, of others the largest.
    public var measure: Recipe.Selection
    public var candidates: [Candidate]
    /// Its number.
    public var chosen: Int

    public init(measure: Recipe.Selection, candidates: [Candidate], chosen: Int) {
        (self.measure, self.candidates, self.chosen) = (measure, candidates, chosen)
    }

    /// The one that is the fold's model.
    public var winner: Candidate? { candidates.first { $0.number == chosen } }
}
