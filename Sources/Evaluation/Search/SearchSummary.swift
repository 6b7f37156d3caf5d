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

    /// nil where no fold has compared candidates.
    var text: String? {
        let searched = cards.compactMap { card in card.search.map { (card: card, search: $0) } }
        guard !searched.isEmpty else { return nil }
        var keys: [String] = []
        for setting in searched.flatMap({ $0.search.candidates.flatMap(\.settings) }) where !keys.contains(setting.key)
        {
            keys.append(setting.key)
        }
        let rows = searched.flatMap { card, search in
            search.candidates.map { cells(of: $0, keys, search, card) }
        }
        let header = ["seed", "fold", "candidate"] + keys + ["measure", "validation", "epoch", "chosen", "failure"]
        return Table.text(header: header, rows: rows)
    }

    private func cells(
        of candidate: ComparedCandidates.Candidate,
        _ keys: [String],
        _ search: ComparedCandidates,
        _ card: CheckpointCard
    ) -> [String] {
        var cells = ["\(card.seed)", "\(card.fold)", "\(candidate.number)"]
        for key in keys { cells.append(candidate.settings.first { $0.key == key }?.value.words ?? "") }
        cells.append(search.measure.rawValue)
        cells.append(candidate.value.map { "\($0)" } ?? "")
        cells.append(candidate.epoch.map { "\($0)" } ?? "")
        cells.append(candidate.number == search.chosen ? "1" : "0")
        cells.append(candidate.failure ?? "")
        return cells
    }
}
