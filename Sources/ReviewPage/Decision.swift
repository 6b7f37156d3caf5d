import Foundation
public import Records

/// What a reviewer says about one slide.
public struct Decision: Codable, Equatable, Sendable {
    public enum Verdict: String, Codable, CaseIterable, Sendable { case agree, disagree, unsure }

    /// A point, or a rectangle where it has a size; level-0 pixels.
    public struct Mark: Codable, Equatable, Sendable {
        public var x: Double
        public var y: Double
        public var width: Double?
        public var height: Double?
        public var note: String?

        public init(x: Double, y: Double, width: Double? = nil, height: Double? = nil, note: String? = nil) {
            self.x = x
            self.y = y
            self.width = width
            self.height = height
            self.note = note
        }
    }

    public var slide: SlideID
    /// As the reviewer calls themself.
    public var reviewer: String
    /// UTC, ISO 8601.
    public var time: String
    /// Name of the predictions that were shown; nil where there were none.
    public var model: String?
    public var verdict: Verdict
    public var text: String
    public var marks: [Mark]

    /// What the page sends; slide and time are the server's to say.
    struct Draft: Decodable {
        var reviewer: String
        var model: String?
        var verdict: Verdict
        var text: String
        var marks: [Mark]
    }

    /// - Throws: `Failure` with `.usage` for a name, text or mark that cannot be kept.
    init(_ draft: Draft, of slide: SlideID, at time: Date) throws {
        func refuse(_ reason: String) -> Failure { Failure(.usage, slide.text, reason) }
        reviewer = draft.reviewer.trimmingCharacters(in: .whitespacesAndNewlines)
        guard (1...100).contains(reviewer.unicodeScalars.count),
            !reviewer.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else { throw refuse("a reviewer's name of 1 to 100 characters is wanted") }
        guard draft.text.utf8.count <= 20_000 else { throw refuse("the text is longer than 20,000 bytes") }
        guard draft.marks.count <= 1000 else { throw refuse("more than 1000 marks") }
        for mark in draft.marks {
            let numbers = [mark.x, mark.y, mark.width ?? 0, mark.height ?? 0]
            guard numbers.allSatisfy({ $0.isFinite && abs($0) <= 1e10 }), (mark.width == nil) == (mark.height == nil),
                mark.width ?? 1 > 0, mark.height ?? 1 > 0, mark.note?.utf8.count ?? 0 <= 2000
            else { throw refuse("a mark is out of range") }
        }
        self.slide = slide
        self.time = time.formatted(.iso8601)
        model = draft.model
        verdict = draft.verdict
        text = draft.text
        marks = draft.marks
    }
}
