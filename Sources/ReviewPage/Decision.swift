import Files
import Foundation
public import Records

/// What a reader says about one slide, as it is stored: a line of `JOB/review/decisions/ID.jsonl`.
public struct Decision: Codable, Equatable, Sendable {
    public enum Verdict: String, Codable, CaseIterable, Sendable {
        case agree, disagree, unsure
        /// The reader names a class: nothing was shown that could be agreed with.
        case read
    }

    public enum Kind: String, Codable, Sendable {
        case opinion
        /// The word that settles what readers see differently.
        case adjudication
    }

    public var slide: SlideID
    /// As the reader calls themself.
    public var reviewer: String
    /// UTC, ISO 8601.
    public var time: String
    /// nil in lines of before: an opinion.
    public var kind: Kind?
    public var verdict: Verdict
    /// The class that the reader sees, where they name one.
    public var className: String?
    /// Whether it was given before anything of the model could be seen; nil where not.
    public var isBlinded: Bool?
    /// Name of the predictions that were shown; nil where there were none.
    public var model: String?
    /// Of the result that was shown (`PredictionFile.shownDigest`); nil in lines of before.
    public var digest: String?
    /// The class that the model called.
    public var called: String?
    /// By class name.
    public var probabilities: [String: Double]?
    public var threshold: Double?
    /// Title of the map that lay over the slide; nil where none did.
    public var map: String?
    public var text: String
    public var marks: [Mark]

    enum CodingKeys: String, CodingKey {
        case slide, reviewer, time, kind, verdict
        case className = "class"
        case isBlinded = "blinded"
        case model, digest, called, probabilities, threshold, map, text, marks
    }
}

extension Decision {
    /// What the page sends; slide, time and what was shown are the server's to say.
    struct Draft: Decodable {
        var slide: String
        var reviewer: String
        var kind: Kind?
        var verdict: Verdict
        var className: String?
        var model: String?
        var digest: String?
        var map: String?
        var text: String
        var marks: [Mark]

        enum CodingKeys: String, CodingKey {
            case slide, reviewer, kind, verdict
            case className = "class"
            case model, digest, map, text, marks
        }
    }

    /// - Parameters:
    ///   - shown: the result that the reader had before them.
    ///   - isBlinded: whether it was withheld from them.
    ///   - classes: those that can be named.
    /// - Throws: `Failure` with `.usage` for a name, text, mark or verdict that cannot be kept.
    init(
        _ draft: Draft,
        of slide: SlideID,
        shown: (model: String, forecast: ReviewJob.Forecast)?,
        isBlinded: Bool,
        classes: [String],
        at time: Date
    ) throws {
        func refuse(_ reason: String) -> Failure { Failure(.usage, slide.text, reason) }
        reviewer = ReaderName.cleaned(draft.reviewer)
        guard Self.isName(reviewer) else { throw refuse("a reader's name of 1 to 100 characters is wanted") }
        guard draft.text.utf8.count <= 20_000 else { throw refuse("the text is longer than 20,000 bytes") }
        guard draft.marks.count <= 1000 else { throw refuse("more than 1000 marks") }
        guard draft.marks.allSatisfy(\.isInRange) else { throw refuse("a mark is out of range") }
        let named = [draft.className].compactMap(\.self) + draft.marks.compactMap(\.className)
        if let stranger = named.first(where: { !classes.contains($0) }) {
            throw refuse("'\(stranger.prefix(100))' is no class of this study")
        }
        if isBlinded, draft.kind == .adjudication {
            throw refuse("who reads blinded cannot settle what others have said")
        }
        let called = shown?.forecast.called
        switch draft.verdict {
        case .agree, .disagree:
            guard let called else { throw refuse("nothing was shown that could be agreed with; name a class instead") }
            if let named = draft.className, (named == called) != (draft.verdict == .agree) {
                throw refuse("the model calls '\(called)'; that and the class that you name contradict each other")
            }
        case .read:
            if shown != nil { throw refuse("a result was shown; agree or disagree with it") }
            if draft.className == nil { throw refuse("the class that you see is wanted") }
        case .unsure: if draft.className != nil { throw refuse("who is unsure names no class") }
        }
        self.slide = slide
        self.time = time.formatted(.iso8601)
        kind = draft.kind == .adjudication ? .adjudication : nil
        verdict = draft.verdict
        className = draft.className
        self.isBlinded = isBlinded ? true : nil
        if let (name, forecast) = shown {
            model = name
            digest = forecast.digest
            self.called = called
            probabilities = Dictionary(
                forecast.answer.numbers(among: forecast.classes).map { ($0.name, $0.number) },
                uniquingKeysWith: { first, _ in first }
            )
            threshold = forecast.answer.threshold
            map = draft.map
        }
        text = draft.text
        marks = draft.marks.map(\.boxed)
    }

    /// Whenever it was said.
    func saysTheSame(as other: Decision) -> Bool {
        var earlier = other
        earlier.time = time
        return earlier == self
    }

    private static func isName(_ text: String) -> Bool {
        (1...100).contains(text.unicodeScalars.count)
            && !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}
