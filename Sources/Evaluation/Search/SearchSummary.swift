public import Config
import Files
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

/// `search.csv`: every candidate of every fold.
struct SearchTable {
    let cards: [CheckpointCard]

    /// - Returns: nil where no fold has compared candidates.
    var text: String? {
        let rows = cards.flatMap { card in
            (card.search?.candidates ?? []).map { (card: card, search: card.search, candidate: $0) }
        }
        guard !rows.isEmpty else { return nil }
        let keys = rows.reduce(into: [String]()) { keys, row in
            keys += row.candidate.settings.map(\.key).filter { !keys.contains($0) }
        }
        let cells = rows.map { card, search, candidate in
            ["\(card.seed)", "\(card.fold)", "\(candidate.number)"]
                + keys.map { key in candidate.settings.first { $0.key == key }?.value.words ?? "" }
                + [
                    search?.measure.rawValue ?? "", candidate.value.map { "\($0)" } ?? "",
                    candidate.epoch.map { "\($0)" } ?? "", candidate.number == search?.chosen ? "1" : "0",
                    candidate.failure ?? "",
                ]
        }
        let header = ["seed", "fold", "candidate"] + keys + ["measure", "validation", "epoch", "chosen", "failure"]
        return Table.text(header: header, rows: cells)
    }
}
