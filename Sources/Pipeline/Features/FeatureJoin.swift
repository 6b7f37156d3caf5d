import Files
import Records
import Storage

/// Whether the features of slides belong to a model, or together: the one place that compares them.
struct FeatureJoin {
    /// What is asked for.
    let wanted: PatchFacts
    /// Whose word `wanted` is, such as `the model acmil`.
    let whose: String
    /// `--allow-scale-mismatch`.
    let allowsScale: Bool
    /// By slide, what differs and is gone on with.
    private(set) var accepted: [SlideID: [Mismatch]] = [:]
    /// What differs and is not.
    private(set) var refused: [(slide: SlideID, mismatch: Mismatch)] = []
    private var unsaid: [Mismatch.Member: (theirs: Int, slide: SlideID)] = [:]

    init(with wanted: PatchFacts, of whose: String, allowsScale: Bool) {
        (self.wanted, self.whose, self.allowsScale) = (wanted, whose, allowsScale)
    }

    mutating func add(_ slide: SlideID, _ facts: PatchFacts) {
        for mismatch in facts.mismatches(with: wanted) {
            if allowsScale, mismatch.isOfScale {
                accepted[slide, default: []].append(mismatch)
            } else {
                refused.append((slide, mismatch))
            }
        }
        for member in facts.unsaid(beside: wanted) { unsaid[member, default: (0, slide)].theirs += 1 }
    }

    /// One line for each kind of difference, with the slides that have it.
    private func lines(_ found: [(slide: SlideID, mismatch: Mismatch)]) -> [(slide: SlideID, text: String)] {
        Dictionary(grouping: found) { $0.mismatch }.map { mismatch, entries -> (slide: SlideID, text: String) in
            let slides = entries.map(\.slide).sorted()
            let many = slides.count == 1 ? "" : " (\(slides.count) slides: \(slides.map(\.text).shortened))"
            return (
                slides[0],
                "\(mismatch.member.words) of its features is \(mismatch.first), that of \(whose) \(mismatch.second)\(many)"
            )
        }.sorted { ($0.slide, $0.text) < ($1.slide, $1.text) }
    }

    /// - Parameter code: `.usage` where a flag brought them together, `.mismatch` for files of one job.
    func failure(_ code: ErrorCode) -> Failure? {
        let lines = lines(refused)
        guard let first = lines.first else { return nil }
        let rest = lines.dropFirst().map { "; '\($0.slide)': \($0.text)" }.joined()
        return Failure(code, first.slide.text, "\(first.text)\(rest); \(Self.remedy(refused.map(\.mismatch)))")
    }

    static func remedy(_ mismatches: [Mismatch]) -> String {
        mismatches.allSatisfy(\.isOfScale)
            ? "use features of one scale, or go on with --allow-scale-mismatch" : "use features of one kind"
    }

    /// What is gone on with, and what could not be compared.
    var notes: [String] {
        let differing = accepted.flatMap { slide, mismatches in mismatches.map { (slide: slide, mismatch: $0) } }
        let lines = lines(differing).map { "warning: '\($0.slide)': \($0.text); --allow-scale-mismatch goes on" }
        return lines
            + unsaid.sorted { $0.key.rawValue < $1.key.rawValue }.map { member, found in
                "\(member.words) could not be compared with that of \(whose): only one side says it "
                    + "(\(found.theirs) slide(s), such as \(found.slide))"
            }
    }
}

extension Features {
    /// What the files of these slides say, without their numbers; slides without a file are passed over.
    /// - Throws: `StorageError` for a file that cannot be read.
    func shapes(of slides: some Sequence<SlideID>) throws -> [(slide: SlideID, shape: FeatureShape)] {
        let shelf = FeatureShelf()
        return try slides.compactMap { slide in
            try files[slide].map { (slide, try shelf.shape(of: $0, slide: slide)) }
        }
    }

    /// As `shapes(of:)`, without files that are broken: who reads their numbers says so, slide by slide.
    func shapes(readableOf slides: some Sequence<SlideID>) throws -> [(slide: SlideID, shape: FeatureShape)] {
        let shelf = FeatureShelf()
        return try slides.compactMap { slide in
            do {
                return try files[slide].map { (slide, try shelf.shape(of: $0, slide: slide)) }
            } catch let error as StorageError where error.code.exitStatus != .temporary { return nil }
        }
    }
}
