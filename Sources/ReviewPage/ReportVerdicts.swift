public import Records

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
    ///   - names: of the predictions that are reported, of several seeds all.
    ///   - digest: of that result; nil where it is not known, then nothing is said of older results.
    /// - Throws: `StorageError` for a file that cannot be read. Lines that are no verdicts are left out.
    public init(of slide: SlideID, predictions names: [String], digest: String? = nil, in layout: JobLayout) throws {
        // Seeds that are reported together may have been read together, under the name of the training.
        let models = Set(names + (names.count > 1 ? names.map { String($0.prefix { $0 != "/" }) } : []))
        let decisions = try DecisionLog(layout.owner ?? layout).decisions(of: slide)
        var last: [String: Int] = [:]
        for (place, decision) in decisions.enumerated() {
            let key = decision.kind == .adjudication ? "" : ReaderName.key(decision.reviewer)
            // A word on this result, or on the slide alone, is not followed by one on another model's result.
            if let before = last[key], decisions[before].isOf(models), !decision.isOf(models) { continue }
            last[key] = place
        }
        words = last.values.sorted().map { decisions[$0].word(of: models, digest) }
    }
}

extension Decision {
    /// Whether it is about the result of one of these models, or about the slide alone.
    fileprivate func isOf(_ models: Set<String>) -> Bool { model.map(models.contains) ?? true }

    fileprivate func word(of models: Set<String>, _ shown: String?) -> ReportVerdicts.Word {
        var notes: [String] = []
        if isBlinded == true { notes.append("without sight of the result") }
        if let model, !models.contains(model) {
            notes.append("given for the model \(model)")
        } else if let digest, let shown, digest != shown {
            notes.append("given for an older result")
        }
        if !marks.isEmpty { notes.append("\(marks.count) mark\(marks.count == 1 ? "" : "s")") }
        return ReportVerdicts.Word(
            reader: kind == .adjudication ? "\(reviewer) (adjudication)" : reviewer,
            date: String(time.prefix(10)),
            verdict: words,
            remark: text,
            notes: notes
        )
    }

    private var words: String {
        let named = className.map { ": \($0)" } ?? ""
        return switch verdict {
        case .read: className ?? "read"
        case .agree: "agrees\(named)"
        case .disagree: "disagrees\(named)"
        case .unsure: "unsure\(named)"
        }
    }
}
