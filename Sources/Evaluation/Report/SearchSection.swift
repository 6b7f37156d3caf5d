import Config
import Files
import Records

/// What the folds have compared and chosen, and what its numbers are worth.
struct SearchSection {
    let runs: [ReportPage.Run]

    private var cards: [CheckpointCard] { runs.flatMap { $0.trained.folds.map(\.card) } }

    /// Nothing where no fold has compared candidates.
    var text: String {
        guard let summary = SearchSummary(cards), let first = cards.first?.search else { return "" }
        let choices = HTML.table(
            ["Seed", "Fold", "Candidate", "What it is", "Validation \(title(summary.measure))"],
            summary.choices.map { choice in
                [
                    "\(choice.seed)", "\(choice.fold)", "\(choice.candidate)", words(choice.settings),
                    HTML.number(choice.validation),
                ]
            },
            class: "words"
        )
        let often = Dictionary(grouping: summary.choices, by: \.candidate).mapValues(\.count)
        let all = HTML.table(
            ["Candidate", "What it is", "Chosen", "Validation \(title(summary.measure)), least to most", "Failed"],
            first.candidates.map { candidate in
                let own = cards.compactMap { $0.search?.candidates.first { $0.number == candidate.number } }
                let values = own.compactMap(\.value)
                let range = [values.min(), values.max()].compactMap { $0.map { HTML.number($0) } }
                return [
                    "\(candidate.number)", words(candidate.settings), "\(often[candidate.number] ?? 0)",
                    range.isEmpty ? "–" : range.joined(separator: " – "), "\(own.count { $0.failure != nil })",
                ]
            },
            class: "words"
        )
        return "<h2>Search</h2>\n<p>\(HTML.escaped(lead(summary)))</p>\n" + choices + all
            + "<p class=\"note\">Every candidate of every fold is in search.csv.</p>\n"
    }

    private func lead(_ summary: SearchSummary) -> String {
        let kinds = Set(summary.choices.map(\.candidate)).count
        let agreement =
            kinds == 1
            ? "All chose the same one."
            : "They chose \(kinds) different ones, so that no single config stands for the figure."
        return
            "Each fold compared \(summary.candidates) candidates by the \(title(summary.measure)) of its validation part alone; "
            + "the first of equal ones was chosen, and is the fold’s model. \(agreement) Validation figures of what was chosen "
            + "are too good, since they chose it. The test figures of this page are of the nested procedure, training and choice "
            + "together: no test \(unit) had a part in a choice."
    }

    private var unit: String { runs.first?.trained.unit ?? "slide" }

    private func words(_ settings: [SearchCandidate.Setting]) -> String {
        settings.map { "\($0.key) \($0.value.words)" }.joined(separator: ", ")
    }

    private func title(_ measure: Recipe.Selection) -> String {
        switch measure {
        case .f1AUC: "macro F1 + macro AUC"
        case .auc: "macro AUC"
        case .balancedAccuracy: "balanced accuracy"
        case .loss, .last: "loss"
        }
    }
}
