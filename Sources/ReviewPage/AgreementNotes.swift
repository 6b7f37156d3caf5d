/// What a report of agreement leaves out, and how it counts, in words.
enum AgreementNotes {
    /// - Parameters:
    ///   - counted: the opinions that anything was counted of.
    ///   - latest: each reader's on each slide.
    ///   - outdated: by model, how many opinions are on another result than what it says now.
    ///   - caseless: slides of which no case is known.
    static func lines(
        _ counted: Set<ReaderOpinion>,
        latest: [ReaderOpinion],
        outdated: [String: Int],
        readers: Int,
        caseless: Int
    ) -> [String] {
        var lines: [String] = []
        if readers < 2 {
            lines.append(
                readers == 0 ? "no reader has an opinion yet" : "one reader; agreement between readers wants two"
            )
        }
        let inSight = latest.count { $0.seen != nil }
        if readers > 1, inSight > 0 {
            lines.append(
                "\(inSight) of \(latest.count) latest opinions were given with a model's result in sight, on which agreement "
                    + "between readers may rest"
            )
        }
        let standpoints = counted.map(\.standpoint)
        let unknown = standpoints.count { $0 == .unknown }
        if unknown > 0 {
            lines.append("\(opinions(unknown)) given for an unknown result (saved before results were kept): left out")
        }
        let uncalled = standpoints.count { if case .otherThan = $0 { true } else { false } }
        if uncalled > 0 {
            lines.append(
                "\(opinions(uncalled)) not called: another class than the model's, without saying which: left out of κ"
            )
        }
        let ofNoClass = standpoints.count { if case .ofNoClass = $0 { true } else { false } }
        if ofNoClass > 0 {
            lines.append(
                "\(opinions(ofNoClass)) given on a number, a risk or a set of labels: left out of κ, which is of classes"
            )
        }
        let unsure = standpoints.count { $0 == .unsure }
        if unsure > 0 { lines.append("\(opinions(unsure)) unsure: counted as a category of its own") }
        for (model, count) in outdated.sorted(by: { $0.key < $1.key }) where count > 0 {
            lines.append(
                "\(opinions(count)) given for another result of \(model) than it has now: not compared with it"
            )
        }
        if caseless > 0 {
            lines.append(
                "\(caseless) slide(s) without a known case: each counted as a case of its own in the intervals"
            )
        }
        return lines
    }

    private static func opinions(_ count: Int) -> String { "\(count) \(count == 1 ? "opinion" : "opinions")" }
}
