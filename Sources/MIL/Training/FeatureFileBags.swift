import Foundation
public import Records
import Storage

/// Bags of one slide each, from feature files.
public struct FeatureFileBags: BagSource {
    private let paths: [String: String]
    private let encoder: String?

    /// - Parameters:
    ///   - paths: the feature file of every slide, by its id's text.
    ///   - encoder: the only one whose features are accepted, where a file tells whose it holds.
    public init(_ paths: [String: String], encoder: String? = nil) {
        self.paths = paths
        self.encoder = encoder
    }

    public func bag(_ slide: SlideID) throws -> Bag { bag(slide, from: try file(slide)) }

    func bag(_ slide: SlideID, from file: FeatureFile) -> Bag {
        let part = BagPart(slide: slide, rows: 0..<file.count, corners: file.corners)
        return Bag(unit: slide.text, parts: [part], width: file.width, features: file.features)
    }

    /// The file behind the bag.
    func file(_ slide: SlideID) throws -> FeatureFile {
        guard let path = paths[slide.text] else {
            throw MILError.bag(slide: slide.text, reason: "no feature file is named")
        }
        let file = try FeatureFile(contentsOf: URL(filePath: path))
        if let encoder, let found = file.encoder, found != encoder {
            throw MILError.bag(slide: slide.text, reason: "features are of \(found); those of \(encoder) are wanted")
        }
        return file
    }
}
