public import Evaluation
import Records

/// How far readers, or a reader and a model, say the same of the slides that each of them has a class for.
public struct AgreementComparison: Encodable, Equatable, Sendable {
    public enum Coefficient: String, Encodable, Sendable { case cohen, fleiss }

    /// Who is compared, in the order of the table's rows and columns.
    public let raters: [String]
    public let slides: Int
    public let cases: Int
    public let coefficient: Coefficient
    /// Share of equal pairs of opinions.
    public let raw: Estimate
    public let kappa: Estimate
    /// What was said of these slides; classes in alphabetical order, then `unsure`.
    public let categories: [String]
    /// Slides by what the first (rows) and the second (columns) said; two raters only.
    public let table: [[Int]]?

    /// - Parameters:
    ///   - raters: two or more.
    ///   - views: what each said of each slide. Slides without one of all raters are left out, and so are those of which
    ///     one of them gave no category.
    ///   - caseOf: a slide's case.
    init(
        _ raters: [String],
        _ views: [SlideID: [String: ReaderOpinion.Standpoint]],
        caseOf: (SlideID) -> String,
        _ bootstrap: Bootstrap
    ) {
        let said: [(slide: SlideID, words: [ReaderOpinion.Standpoint])] = views.sorted { $0.key < $1.key }.compactMap {
            slide,
            views in
            let words = raters.compactMap { views[$0] }.filter { $0.category != nil }
            return words.count == raters.count ? (slide, words) : nil
        }
        let order = Set(said.flatMap(\.words)).sorted { left, right in
            (left == .unsure ? 1 : 0, left.words) < (right == .unsure ? 1 : 0, right.words)
        }
        let codes = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
        let rows = said.map { $0.words.compactMap { codes[$0] } }
        let caseIDs = said.map { caseOf($0.slide) }
        let coefficient = raters.count == 2 ? Coefficient.cohen : .fleiss
        let who = raters.count == 2 ? "both" : "all \(raters.count)"
        let none = "no slide has a class of \(who)"
        let same =
            order.count == 1 ? "\(who) say '\(order[0].words)' of every slide, so chance explains all agreement" : none
        let figures = bootstrap.estimates(cases: caseIDs, undefined: [none, same]) { weights in
            [
                AgreementStatistics.raw(rows, weights),
                coefficient == .cohen
                    ? AgreementStatistics.cohen(rows, weights) : AgreementStatistics.fleiss(rows, weights),
            ]
        }
        // Every interval of a report on agreement is the bootstrap's.
        .map { Estimate(value: $0.value, interval: $0.interval, reason: $0.reason) }
        self.raters = raters
        self.coefficient = coefficient
        slides = rows.count
        cases = Set(caseIDs).count
        raw = figures[0]
        kappa = Self.constant(raters, rows, order).map { Estimate(value: 0, reason: $0) } ?? figures[1]
        categories = order.map(\.words)
        table = raters.count == 2 ? AgreementStatistics.table(rows, categories: order.count) : nil
    }

    /// Why Cohen's κ is 0 without meaning anything: one of the two says the same of every slide and the other does not.
    private static func constant(_ raters: [String], _ rows: [[Int]], _ order: [ReaderOpinion.Standpoint]) -> String? {
        guard raters.count == 2, order.count > 1 else { return nil }
        for (place, rater) in raters.enumerated() where Set(rows.map { $0[place] }).count == 1 {
            return
                "\(rater) says '\(order[rows[0][place]].words)' of every slide, which makes κ 0 however often they agree"
        }
        return nil
    }
}
