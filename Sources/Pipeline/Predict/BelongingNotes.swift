import Records

/// What the end of a run says of slides that may not be like the training's.
struct BelongingNotes {
    /// Of more flagged slides the names alone are said.
    private static let mostReasons = 5

    /// Of slides that this run has predicted.
    private var told: [Belonging.Verdict: [SlideID]] = [:]
    private var count = 0

    /// - Parameter belonging: of a slide that this run has predicted.
    mutating func add(_ slide: SlideID, _ belonging: Belonging?) {
        guard let belonging else { return }
        count += 1
        told[belonging.verdict, default: []].append(slide)
    }

    /// - Parameter outcomes: of all slides, of those that earlier runs have predicted too. What the outcome of a prediction notes is that
    ///   its slide looks unlike the training's.
    func lines(_ outcomes: [Outcome]) -> [String] {
        func line(_ verdict: Belonging.Verdict, _ words: String) -> String? {
            told[verdict].map { slides in
                "\(slides.count) of \(count) slides that were predicted now \(words): "
                    + slides.sorted().map(\.text).shortened
            }
        }
        return Self.flagged(outcomes.filter { $0.status == .ok })
            + [
                line(
                    .cannotTell,
                    "cannot be told from the training's at 5 %, which takes \(Belonging.leastValidation) validation slides"
                ),
                line(
                    .unknown,
                    "could not be compared with the training's, which has no reference; train again to have one"
                ),
            ].compactMap(\.self)
    }

    private static func flagged(_ predicted: [Outcome]) -> [String] {
        let flagged = predicted.filter { $0.notes != nil }
        guard !flagged.isEmpty else { return [] }
        let isFew = flagged.count <= mostReasons
        let reasons = isFew ? flagged.flatMap { one in (one.notes ?? []).map { "\(one.slide): \($0)" } } : []
        return [
            "\(flagged.count) of \(predicted.count) slides look unlike the training's, so that their answers may mean nothing"
                + (isFew ? ": " : " (reasons in wsi status and in each slide's report): ")
                + flagged.map(\.slide).sorted().map(\.text).shortened
        ] + reasons
    }
}
