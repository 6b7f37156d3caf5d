public import Config
import Records

/// The configs that a fold is to compare on its validation part, of which one is then its model.
public struct FoldSearch: Codable, Equatable, Sendable {
    public struct Candidate: Codable, Equatable, Sendable {
        public var config: SearchCandidate
        /// Of the fold as if this were its only config: what is known of a candidate with another one is not taken.
        public var fingerprint: String

        public init(config: SearchCandidate, fingerprint: String) {
            (self.config, self.fingerprint) = (config, fingerprint)
        }
    }

    /// What they are compared by; never `last`.
    public var measure: Recipe.Selection
    /// In the order of their numbers; of equal ones the first is chosen.
    public var candidates: [Candidate]
    /// Whether all are trained, whatever is on record of them: the fold stands as it is asked for, and is to be made once more.
    public var isAnew: Bool

    public init(measure: Recipe.Selection, candidates: [Candidate], isAnew: Bool = false) {
        (self.measure, self.candidates, self.isAnew) = (measure, candidates, isAnew)
    }
}

extension TrainRequest {
    /// The request of a candidate alone. What is compared knows nothing of the test part.
    /// - Parameter output: the candidate's folder.
    public func comparing(_ candidate: FoldSearch.Candidate, in output: String) -> TrainRequest {
        var request = choosing(candidate)
        request.split.test = []
        (request.output, request.fingerprint) = (output, candidate.fingerprint)
        return request
    }

    /// The request of the fold with this candidate for its config.
    public func choosing(_ candidate: FoldSearch.Candidate) -> TrainRequest {
        var request = self
        (request.model, request.training) = (candidate.config.model, candidate.config.training)
        request.search = nil
        return request
    }
}
