public import Config
import Records

/// What the folds of a training have chosen among candidates; a part of `metrics.json`.
public struct SearchSummary: Codable, Equatable, Sendable {
    /// What one fold has chosen.
    public struct Choice: Codable, Equatable, Sendable {
        public var seed: UInt64
        public var fold: Int
        /// Number of the candidate.
        public var candidate: Int
        public var settings: [SearchCandidate.Setting]
        /// On the validation part that has chosen it, so that it flatters.
        public var validation: Double?
    }

    /// How many each fold has compared.
    public var candidates: Int
    public var measure: Recipe.Selection
    public var choices: [Choice]

    /// - Returns: nil where a fold has compared none.
    init?(_ cards: [CheckpointCard]) {
        let searched = cards.compactMap { card in card.search.map { (card, $0) } }
        guard let first = searched.first?.1, searched.count == cards.count else { return nil }
        (candidates, measure) = (first.candidates.count, first.measure)
        choices = searched.map { card, search in
            Choice(
                seed: card.seed,
                fold: card.fold,
                candidate: search.chosen,
                settings: search.winner?.settings ?? [],
                validation: search.winner?.value
            )
        }
    }
}
