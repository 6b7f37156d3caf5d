public import Foundation
public import Records
import Storage

/// What readers have said of a slide, for its report: each one's last word, and the last adjudication.
public struct ReportVerdicts: Sendable {
    public struct Word: Equatable, Sendable {
        public var reader: String
        /// The day, of UTC.
        public var date: String
        /// In words, with the class where the reader named one.
        public var verdict: String
        public var remark: String
        /// What a colleague must know of it, such as that it is of an older result.
        public var notes: [String]
    }

    /// Oldest first.
    public let words: [Word]

    /// - Parameters:
    ///   - predictions: the files of the result that is reported, of several seeds all.
    ///   - digest: of that result; nil where it is not known, then nothing is said of older results.
    /// - Throws: `StorageError` for a file that cannot be read. Lines that are no verdicts are left out.
    public init(of slide: SlideID, predictions: [URL], digest: String? = nil, in layout: JobLayout) throws {
        let names = predictions.map { SeedRun.name(of: $0.deletingLastPathComponent()) }
        // Seeds that are reported together may have been read together, under the name of the training.
        let models = Set(names + (names.count > 1 ? names.map { String($0.prefix { $0 != "/" }) } : []))
        let lines = try Journal.read(Line.self, from: Self.file(of: slide, in: layout)).filter {
            $0.slide == slide.text
        }
        var last: [String: Int] = [:]
        for (place, line) in lines.enumerated() {
            let key = line.isAdjudication ? "" : line.reviewer
            // A word on this result, or on the slide alone, is not followed by one on another model's result.
            if let before = last[key], lines[before].isOf(models), !line.isOf(models) { continue }
            last[key] = place
        }
        words = last.values.sorted().map { lines[$0].word(of: models, digest) }
    }

    static func file(of slide: SlideID, in layout: JobLayout) -> URL {
        (layout.owner ?? layout).decisions.appending(path: "\(slide.text).jsonl")
    }

    /// What was said, as an input of reports; nil where no reader has said anything.
    static func digest(of slide: SlideID, in layout: JobLayout) throws -> String? {
        let file = file(of: slide, in: layout)
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        return try Digest.sha256(fileAt: file)
    }
}

/// A line of `JOB/review/decisions/ID.jsonl`, as far as a report tells of it. Earlier versions wrote fewer members.
private struct Line: Decodable {
    var slide: String
    var reviewer: String
    var time: String
    var kind: String?
    var verdict: String
    var named: String?
    var model: String?
    var digest: String?
    var blinded: Bool?
    var text: String?
    var marks: [JSONValue]?

    enum CodingKeys: String, CodingKey {
        case slide, reviewer, time, kind, verdict, model, digest, blinded, text, marks
        case named = "class"
    }

    var isAdjudication: Bool { kind == "adjudication" }

    /// Whether it is about the result of one of these models, or about the slide alone.
    func isOf(_ models: Set<String>) -> Bool { model.map(models.contains) ?? true }

    func word(of models: Set<String>, _ shown: String?) -> ReportVerdicts.Word {
        var notes: [String] = []
        if blinded == true { notes.append("without sight of the result") }
        if let model, !models.contains(model) {
            notes.append("given for the model \(model)")
        } else if let digest, let shown, digest != shown {
            notes.append("given for an older result")
        }
        let count = marks?.count ?? 0
        if count > 0 { notes.append("\(count) mark\(count == 1 ? "" : "s")") }
        return ReportVerdicts.Word(
            reader: isAdjudication ? "\(reviewer) (adjudication)" : reviewer,
            date: String(time.prefix(10)),
            verdict: words,
            remark: text ?? "",
            notes: notes
        )
    }

    private var words: String {
        switch verdict {
        case "read": named ?? "read"
        case "agree": "agrees" + (named.map { ": \($0)" } ?? "")
        case "disagree": "disagrees" + (named.map { ": \($0)" } ?? "")
        default: verdict + (named.map { ": \($0)" } ?? "")
        }
    }
}
