import Foundation
public import Records

/// Bags from feature files: of one slide each, or of all slides of a case.
public struct FeatureFileBags: BagSource {
    private let paths: [String: String]
    private let parts: [String: [SlideID]]?
    private let encoder: String?
    private let shelf = FeatureShelf()

    /// - Parameters:
    ///   - paths: the feature file of every slide, by its id's text.
    ///   - parts: the slides of every bag in order, by the bag's id; nil where each bag is the slide of its id.
    ///   - encoder: the only one whose features are accepted, where a file tells whose it holds.
    public init(_ paths: [String: String], parts: [String: [SlideID]]? = nil, encoder: String? = nil) {
        self.paths = paths
        self.parts = parts
        self.encoder = encoder
    }

    public func bag(_ unit: SlideID) throws -> Bag {
        guard let parts else { return bag(of: [try file(unit)], unit: unit.text, slides: [unit]) }
        guard let slides = parts[unit.text] else {
            throw BagError.bag(slide: unit.text, reason: "its slides are not named")
        }
        let files = try slides.map { try file($0) }
        try Self.checkWidths(files, of: slides)
        return bag(of: files, unit: unit.text, slides: slides)
    }

    /// Rows of the files one below the other.
    public func bag(of files: [FeatureFile], unit: String, slides: [SlideID]) -> Bag {
        var bag = Bag(unit: unit, parts: [], width: files.map(\.width).max() ?? 0, features: [])
        // One file's numbers are shared, not copied.
        if let only = files.first, files.count == 1 { bag.features = only.features }
        for (slide, file) in zip(slides, files) {
            let start = bag.parts.last?.rows.upperBound ?? 0
            bag.parts.append(BagPart(slide: slide, rows: start..<(start + file.count), corners: file.corners))
            if files.count > 1 { bag.features += file.features }
        }
        return bag
    }

    public static func checkWidths(_ files: [FeatureFile], of slides: [SlideID]) throws {
        let full = zip(slides, files).filter { $1.count > 0 }
        guard let width = full.first?.1.width, let other = full.first(where: { $1.width != width }) else { return }
        throw BagError.bag(
            slide: other.0.text,
            reason: "features are \(other.1.width) wide, those of another slide of its case \(width)"
        )
    }

    /// The file behind a slide's rows.
    public func file(_ slide: SlideID) throws -> FeatureFile {
        guard let path = paths[slide.text] else {
            throw BagError.bag(slide: slide.text, reason: "no feature file is named")
        }
        let file = try shelf.features(in: URL(filePath: path), of: slide)
        if let encoder, let found = file.encoder, found != encoder {
            throw BagError.bag(slide: slide.text, reason: "features are of \(found); those of \(encoder) are wanted")
        }
        return file
    }
}
