import Records

/// What the end of a run says of slides that may not be like the training's.
struct BelongingNotes {
    private var told: [Belonging.Verdict: [SlideID]] = [:]
    private var count = 0

    mutating func add(_ slide: SlideID, _ belonging: Belonging?) {
        guard let belonging else { return }
        count += 1
        told[belonging.verdict, default: []].append(slide)
    }

    var lines: [String] {
        func line(_ verdict: Belonging.Verdict, _ words: String) -> String? {
            told[verdict].map { slides in
                "\(slides.count) of \(count) slides \(words): \(slides.sorted().map(\.text).shortened)"
            }
        }
        return [
            line(
                .unlike,
                "look unlike the training's, so that their answers may mean nothing (reasons in each outcome)"
            ),
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
}
