import Records

/// The versions of OpenSlide that a job's results were made with, as far as they tell: those of earlier versions of this program
/// do not, nor do those of other readers.
struct OpenSlideVersions {
    private var slides: [String: [SlideID]] = [:]

    mutating func add(_ outcome: OutcomeBrief) {
        if let version = outcome.openSlide { slides[version, default: []].append(outcome.slide) }
    }

    /// One line; nil where all tell the same.
    var mixture: String? {
        guard slides.count > 1 else { return nil }
        let parts = slides.sorted { $0.key < $1.key }.map { "\($0.key) (\(Set($0.value).count) slide(s))" }
        return "slides were read with OpenSlide \(parts.joined(separator: " and ")), which do not agree in all formats "
            + "(docs/slides.md); in another folder a job has it all from one version"
    }
}
