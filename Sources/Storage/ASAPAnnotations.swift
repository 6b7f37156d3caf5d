import Foundation
import FoundationXML

/// The annotations that ASAP writes as XML, as CAMELYON16 and CAMELYON17 publish theirs: each `Annotation` has a type, the
/// group it is part of and its corners as `Coordinate`s with `Order`, `X` and `Y`.
struct ASAPAnnotations {
    struct Region: Equatable {
        /// `PartOfGroup`.
        var group: String
        var polygon: PlanePolygon
    }

    /// Those of the types Polygon, Spline and Rectangle: what encloses an area.
    let regions: [Region]

    /// - Throws: `StorageError.malformed` for text that is no such XML.
    init(contentsOf url: URL) throws {
        let data = try RegularFile.data(url)
        let reader = Reader()
        let parser = XMLParser(data: data)
        parser.shouldResolveExternalEntities = false
        parser.delegate = reader
        func malformed(_ reason: String) -> StorageError { .malformed(path: url.path, reason: reason) }
        guard parser.parse() || data.isEmpty else { throw malformed("no XML from line \(parser.lineNumber) on") }
        guard reader.isASAP else { throw malformed("no annotations of ASAP") }
        // The parser takes text that breaks off for an end.
        guard reader.isWhole else { throw malformed("the XML ends before its annotations do") }
        regions = try reader.annotations.enumerated().compactMap { index, annotation in
            guard ["polygon", "spline", "rectangle"].contains(annotation.type.lowercased()) else { return nil }
            let points = annotation.corners.sorted { $0.order < $1.order }.compactMap { corner in
                corner.x.flatMap { x in corner.y.map { PlanePoint(x: x, y: $0) } }
            }
            let name = "annotation \(index + 1)"
            return Region(
                group: annotation.group,
                polygon: try PlanePolygon(outline: points, of: annotation.corners.count, name, url)
            )
        }
    }

    private final class Reader: NSObject, XMLParserDelegate {
        struct Annotation {
            var type: String
            var group: String
            var corners: [(order: Int, x: Double?, y: Double?)] = []
        }

        var isASAP = false
        var isWhole = false
        var annotations: [Annotation] = []

        func parser(
            _ parser: XMLParser,
            didStartElement element: String,
            namespaceURI: String?,
            qualifiedName: String?,
            attributes: [String: String]
        ) {
            switch element {
            case "ASAP_Annotations": isASAP = true
            case "Annotation":
                annotations.append(
                    Annotation(type: attributes["Type"] ?? "", group: attributes["PartOfGroup"] ?? "")
                )
            case "Coordinate" where !annotations.isEmpty:
                let last = annotations.count - 1
                let order = attributes["Order"].flatMap(Int.init) ?? annotations[last].corners.count
                annotations[last].corners.append(
                    (order, attributes["X"].flatMap(Double.init), attributes["Y"].flatMap(Double.init))
                )
            default: break
            }
        }

        func parser(
            _ parser: XMLParser,
            didEndElement element: String,
            namespaceURI: String?,
            qualifiedName: String?
        ) {
            if element == "ASAP_Annotations" { isWhole = true }
        }
    }
}
