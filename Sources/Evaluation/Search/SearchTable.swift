import Config
import Files

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
