/// In tables, and for people.
extension Target {
    /// - Parameter classes: the cohort's, as `Cohort.classes`.
    public func name(among classes: [String]) -> String {
        switch self {
        case .class(let label), .ordinal(let label): classes[label]
        case .labels(let labels): Self.text(labels)
        case .number(let number): "\(number)"
        case .survival(let survival): survival.text
        case .several: main?.name(among: classes) ?? ""
        }
    }

    /// What slides are counted by.
    public func group(among classes: [String]) -> String {
        switch self {
        case .class, .ordinal, .labels: name(among: classes)
        case .number: "number"
        case .survival(let survival): survival.isEvent ? "event" : "censored"
        case .several: main?.group(among: classes) ?? "not known"
        }
    }

    /// What a cell of a table names, written as `name` has it; nil where it names nothing of this kind.
    public init?(_ kind: Kind, named cell: String, among classes: [String]) {
        let target: Target? =
            switch kind {
            case .class: Self.label(cell, among: classes).map { .class($0) }
            case .ordinal: Self.label(cell, among: classes).map { .ordinal($0) }
            case .labels: Self.labels(cell, count: classes.count).map { .labels($0) }
            case .number: Double(cell).map { .number($0) }
            case .survival: SurvivalTime(text: cell).map { .survival($0) }
            }
        guard let target, target.fits(classes: classes.count) else { return nil }
        self = target
    }

    /// Which class a cell of a table names; nil where it names none. What a spreadsheet would take for a formula is written with
    /// a leading quote mark.
    static func label(_ cell: String, among classes: [String]) -> Int? {
        classes.firstIndex { cell == $0 || cell == "'\($0)" }
    }

    /// `yes no ?`, in the labels' order.
    static func text(_ labels: [Bool?]) -> String {
        labels.map { label in label.map { $0 ? "yes" : "no" } ?? "?" }.joined(separator: " ")
    }

    private static func labels(_ cell: String, count: Int) -> [Bool?]? {
        let words = cell.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == count, words.allSatisfy({ ["yes", "no", "?"].contains($0) }) else { return nil }
        return words.map { $0 == "?" ? nil : $0 == "yes" }
    }
}
