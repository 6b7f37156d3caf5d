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

    /// Of the tool or format, as help and messages name it.
    var name: String
    /// Of the files that the tool writes. Files are told by their content, this only says which ones are looked at.
    var ending: String
    /// Without a `read` the format is known and not read.
    var rule: Rule

    var isRead: Bool {
        switch rule {
        case .json(_, let read): read != nil
        case .xml(_, let read): read != nil
        }
    }

    /// The first that knows a file reads it.
    static let all = [
        // Shares of the slide's width, from a viewer that does not say the slide's size.
        AnnotationReader(
            name: "Sectra",
            ending: "json",
            rule: .json(knows: { $0.isSuperset(of: ["content", "slideId"]) }, read: nil)
        ),
        AnnotationReader(
            name: "GeoJSON",
            ending: "geojson",
            rule: .json(
                knows: { !$0.contains("positive") && ($0.contains("type") || $0.isEmpty) },
                read: DrawnAreas.init(geoJSON:)
            )
        ),
        AnnotationReader(
            name: "ASAP",
            ending: "xml",
            rule: .xml(knows: { $0.name == "ASAP_Annotations" }, read: DrawnAreas.init(asap:_:))
        ),
        AnnotationReader(
            name: "lists of polygons (positive)",
            ending: "json",
            rule: .json(knows: { $0.contains("positive") }, read: DrawnAreas.init(polygonLists:))
        ),
        AnnotationReader(
            name: "HALO",
            ending: "annotations",
            rule: .xml(knows: { $0.isAnnotations && !$0.all("V").isEmpty }, read: nil)
        ),
        // Nanometres from the middle of the scan, which the slide's file alone can place.
        AnnotationReader(
            name: "NDP.view",
            ending: "ndpa",
            rule: .xml(knows: { $0.name == "annotations" && !$0.all("ndpviewstate").isEmpty }, read: nil)
        ),
        AnnotationReader(
            name: "ImageScope",
            ending: "xml",
            rule: .xml(knows: \.isAnnotations, read: DrawnAreas.init(imageScope:_:))
        ),
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
        case .json:
            throw refused("the JSON is neither \(names(isXML: false).joined(separator: " nor "))")
        case .xml(let root, _):
            throw refused(
                "the XML is <\(root.name)>: no annotations of \(names(isXML: true).joined(separator: " or "))"
            )
        }
    }

    /// Of the formats that are read.
    private static func names(isXML: Bool) -> [String] {
        all.filter { reader in
            if case .xml = reader.rule { reader.isRead && isXML } else { reader.isRead && !isXML }
        }.map(\.name)
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

extension AnnotatedRegions {
    /// Endings of the files that are looked at, those that are read before those that are only known.
    public static let fileEndings = endings(areRead: true) + endings(areRead: false)

    /// Of the formats that are read, for help: `GeoJSON, ASAP, …`.
    public static let formats = AnnotationReader.all.filter(\.isRead).map(\.name).joined(separator: ", ")

    /// Of the files that are read, for messages: `ID.geojson, ID.xml or ID.json`.
    public static let fileNames: String = {
        let names = endings(areRead: true).map { "ID.\($0)" }
        return names.count < 2
            ? names.joined() : names.dropLast().joined(separator: ", ") + " or " + names.suffix(1).joined()
    }()

    private static func endings(areRead: Bool) -> [String] {
        var endings: [String] = []
        let read = AnnotationReader.all.filter(\.isRead).map(\.ending)
        let wanted = areRead ? read : AnnotationReader.all.map(\.ending).filter { !read.contains($0) }
        for ending in wanted where !endings.contains(ending) { endings.append(ending) }
        return endings
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
