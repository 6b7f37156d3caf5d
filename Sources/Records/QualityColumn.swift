import Foundation

/// One kind of number that each patch has: a dataset beside `coords` in the patch file, float32 `[N]`.
public struct QualityColumn: Sendable {
    /// Where `PatchQuality` keeps it.
    enum Place: Sendable {
        /// There whenever a file has quality at all.
        case always(any WritableKeyPath<PatchQuality, [Float]> & Sendable)
        case sometimes(any WritableKeyPath<PatchQuality, [Float]?> & Sendable)
    }

    /// Of the dataset; begins with `wsi_`.
    public let name: String
    /// Or range, as help and docs/files.md have it.
    public let unit: String
    /// Word for word as in docs/files.md.
    public let meaning: String
    /// Whether new files of slides with a dark background have it.
    public let isOnDarkBackground: Bool
    /// The key of `tiling` that leaves patches out by it; nil where none does.
    public let excludedBy: String?
    /// What is said of it about a whole slide.
    public let figures: [QualityFigure]
    let place: Place

    init(
        _ name: String,
        at place: Place,
        unit: String,
        meaning: String,
        isOnDarkBackground: Bool = true,
        excludedBy: String? = nil,
        figures: [QualityFigure] = []
    ) {
        (self.name, self.place, self.unit, self.meaning) = (name, place, unit, meaning)
        (self.isOnDarkBackground, self.excludedBy) = (isOnDarkBackground, excludedBy)
        self.figures = figures
    }

    /// In the order of the report.
    public static var figures: [QualityFigure] { all.flatMap(\.figures) }

    var isRequired: Bool { if case .always = place { true } else { false } }

    func values(of quality: PatchQuality) -> [Float]? {
        switch place {
        case .always(let path): quality[keyPath: path]
        case .sometimes(let path): quality[keyPath: path]
        }
    }

    func put(_ values: [Float], into quality: inout PatchQuality) {
        switch place {
        case .always(let path): quality[keyPath: path] = values
        case .sometimes(let path): quality[keyPath: path] = values
        }
    }
}

/// A number about a whole slide, made of a column: a figure of the slide's outcome of `tile`.
public struct QualityFigure: Sendable {
    /// How a report writes it.
    public enum Form: Sendable {
        /// µm², written in mm².
        case area
        /// 0 to 1, written in per cent.
        case shareOfTissue
        case number
    }

    public let name: Outcome.Figure
    /// Its line in a slide's report; nil: it is not shown there.
    public let title: String?
    public let form: Form
    /// Whether the review page tells it with a slide's findings.
    public let isOnPage: Bool
    /// The key of `tiling` without which it is not recorded.
    public let onlyWith: String?
    /// nil where there is nothing to say.
    public let value: @Sendable (SlideQuality) -> Double?

    init(
        _ name: Outcome.Figure,
        title: String? = nil,
        _ form: Form = .number,
        isOnPage: Bool = false,
        onlyWith: String? = nil,
        value: @escaping @Sendable (SlideQuality) -> Double?
    ) {
        (self.name, self.title, self.form, self.isOnPage) = (name, title, form, isOnPage)
        (self.onlyWith, self.value) = (onlyWith, value)
    }

    public func words(_ value: Double) -> String {
        switch form {
        case .area: String(format: "%.1f mm²", value / 1e6)
        case .shareOfTissue: String(format: "%.1f %% of the tissue", value * 100)
        case .number: String(format: "%.2f", value)
        }
    }
}
