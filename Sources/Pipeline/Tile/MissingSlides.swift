import Foundation
import Records

/// Labelled slides that have no slide file or no features: a note that says how many and which, or a problem for each where
/// the config wants all of them or none has one.
struct MissingSlides {
    private(set) var note: String?
    private(set) var problems: [Problem] = []

    /// - Parameters:
    ///   - slides: some of the cohort's.
    ///   - one: what is wrong with a slide, such as `is not in slides`.
    ///   - several: the same of several slides.
    ///   - strangers: slides that are there and have no label.
    init(
        _ slides: [SlideID],
        of labels: LabelTable,
        wanted: CohortConfig.Missing,
        code: ErrorCode,
        one: String,
        several: String,
        strangers: [SlideID]
    ) {
        let hint = NameHint.text(slides.map(\.text), slides: strangers)
        guard !slides.isEmpty else { return }
        guard wanted == .error || slides.count == labels.cohort.slides.count else {
            let shown = slides.map(\.text).shortened
            note =
                "\(slides.count) labelled slide(s) \(several) and are left out: \(shown)"
                + (hint.map { "; \($0)" } ?? "")
            return
        }
        let rows = slides.map { NamedRow(name: $0.text, line: labels.lines[$0]) }
        problems = Problem.names(
            code,
            labels.file.path,
            rows.sorted { ($0.line ?? 0) < ($1.line ?? 0) },
            one: one,
            several: several,
            hint: hint
        )
    }
}
