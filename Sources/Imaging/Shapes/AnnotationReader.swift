import Files
import Foundation

/// One format of annotations: how it is known, by what stands in a file and not by the file's name, and how it is read.
struct AnnotationReader: Sendable {
    enum Text {
        /// `keys`: of the object, or of a list's first.
        case json(ForeignJSON, keys: Set<String>)
        case xml(XMLTree.Element, URL)
    }

    enum Rule: Sendable {
        case json(knows: @Sendable (Set<String>) -> Bool, read: (@Sendable (ForeignJSON) throws -> DrawnAreas)?)
        case xml(
            knows: @Sendable (XMLTree.Element) -> Bool,
            read: (@Sendable (XMLTree.Element, URL) throws -> DrawnAreas)?
        )
    }

    /// Of the tool or format.
    var name: String
    /// Without a `read` the format is known and not read.
    var rule: Rule

    /// The first that knows a file reads it.
    static let all = [
        // Shares of the slide's width, from a viewer that does not say the slide's size.
        AnnotationReader(name: "Sectra", rule: .json(knows: { $0.isSuperset(of: ["content", "slideId"]) }, read: nil)),
        AnnotationReader(
            name: "polygon lists",
            rule: .json(knows: { $0.contains("positive") }, read: DrawnAreas.init(polygonLists:))
        ),
        AnnotationReader(
            name: "GeoJSON",
            rule: .json(knows: { $0.contains("type") || $0.isEmpty }, read: DrawnAreas.init(geoJSON:))
        ),
        AnnotationReader(
            name: "ASAP",
            rule: .xml(knows: { $0.name == "ASAP_Annotations" }, read: DrawnAreas.init(asap:_:))
        ),
        // Nanometres from the middle of the scan, which the slide's file alone can place.
        AnnotationReader(
            name: "NDP.view",
            rule: .xml(knows: { $0.name == "annotations" && !$0.all("ndpviewstate").isEmpty }, read: nil)
        ),
        AnnotationReader(name: "HALO", rule: .xml(knows: { $0.isAnnotations && !$0.all("V").isEmpty }, read: nil)),
        AnnotationReader(name: "ImageScope", rule: .xml(knows: \.isAnnotations, read: DrawnAreas.init(imageScope:_:))),
    ]

    /// - Throws: `StorageError.malformed` for a file of no format, or one that is known and not read.
    static func read(_ url: URL) throws -> DrawnAreas {
        let text = try text(of: url)
        func refused(_ reason: String) -> StorageError {
            .malformed(path: url.path, reason: "\(reason); export GeoJSON from QuPath")
        }
        for reader in all {
            switch (text, reader.rule) {
            case (.json(let json, let keys), .json(let knows, let read)) where knows(keys):
                guard let read else { throw refused("annotations of \(reader.name), which are not read") }
                return try read(json)
            case (.xml(let root, let url), .xml(let knows, let read)) where knows(root):
                guard let read else { throw refused("annotations of \(reader.name), which are not read") }
                return try read(root, url)
            default: continue
            }
        }
        switch text {
        case .json: throw refused("the JSON is neither GeoJSON nor lists of polygons (positive)")
        case .xml(let root, _): throw refused("the XML is <\(root.name)>: no annotations of ASAP or ImageScope")
        }
    }

    private static func text(of url: URL) throws -> Text {
        let wayOut = "export the annotations without detections, or the areas that are needed alone"
        let data = try TextLimit.data(url, upTo: TextLimit.program, wayOut: wayOut)
        // Byte order marks, blanks, and the zeros of wide characters.
        let before: Set<UInt8> = [0, 0xEF, 0xBB, 0xBF, 0xFE, 0xFF, 0x09, 0x0A, 0x0D, 0x20]
        guard let first = data.first(where: { !before.contains($0) }) else {
            throw StorageError.malformed(path: url.path, reason: "the file is empty")
        }
        guard first == UInt8(ascii: "<") else {
            let json = ForeignJSON(data, url)
            // What has no keys is no annotation, and the decoder says why.
            return .json(json, keys: try json.keys ?? json.decode(TopKeys.self).names)
        }
        do { return .xml(try XMLTree(data).root, url) } catch {
            throw StorageError.malformed(path: url.path, reason: error.reason)
        }
    }
}

extension XMLTree.Element {
    fileprivate var isAnnotations: Bool { name == "Annotations" }
}

/// The members of an object, or of the first in a list.
private struct TopKeys: Decodable {
    let names: Set<String>

    init(from decoder: any Decoder) throws {
        if var list = try? decoder.unkeyedContainer() {
            let first = list.isAtEnd ? nil : try? list.nestedContainer(keyedBy: NamedKey.self)
            names = Set(first?.allKeys.map(\.stringValue) ?? [])
        } else {
            names = Set(try decoder.container(keyedBy: NamedKey.self).allKeys.map(\.stringValue))
        }
    }
}
