import Files
import Foundation
import Records

/// The areas that a file of annotations encloses, as the reader of its format finds them.
struct DrawnAreas {
    struct Area {
        /// Of its class, group or layer; several where the file has more than one word for it.
        var names: [String] = []
        var polygons: [PlanePolygon]
    }

    var areas: [Area] = []
    var skipped = SkippedFeatures()
    /// What coordinates count from; nil where the file does not say.
    var origin: CoordinateOrigin?
}

extension DrawnAreas {
    init(geoJSON json: ForeignJSON) throws {
        let drawn = try GeoJSON(json)
        (skipped, origin) = (drawn.skipped, drawn.origin)
        areas = drawn.features.map { feature in
            let names = feature.isMarkedExcluded ? ["exclude"] : [feature.className].compactMap(\.self)
            return Area(names: names, polygons: feature.polygons)
        }
    }

    /// CAMELYON16's polygons as JSON: `positive` and `negative`, each with `vertices`.
    init(polygonLists json: ForeignJSON) throws {
        struct Outline: Decodable { var vertices: [[Double]] }
        struct Lists: Decodable {
            var positive: [Outline]
            var negative: [Outline]?
        }
        let lists = try json.decode(Lists.self)
        origin = .slide
        for (name, outlines) in [("positive", lists.positive), ("exclude", lists.negative ?? [])] {
            for (index, outline) in outlines.enumerated() {
                let points = outline.vertices.map { $0.count == 2 ? PlanePoint(x: $0[0], y: $0[1]) : nil }
                let polygon = try PlanePolygon(outline: points, "polygon \(index + 1)", json.url)
                areas.append(Area(names: [name], polygons: [polygon]))
            }
        }
    }

    /// What ASAP writes, as CAMELYON16 and CAMELYON17 publish theirs: each `Annotation` has a type, the group it is part of
    /// and its corners as `Coordinate`s with `Order`, `X` and `Y`.
    init(asap root: XMLTree.Element, _ url: URL) throws {
        origin = .slide
        for (index, annotation) in root.all("Annotation").enumerated() {
            let corners = annotation.all("Coordinate").enumerated().map { place, corner in
                (order: corner.attributes["Order"].flatMap(Int.init) ?? place, point: corner.point)
            }
            switch (annotation.attributes["Type"] ?? "").lowercased() {
            case _ where corners.isEmpty: skipped.add(.empty)
            case "polygon", "spline", "rectangle":
                let outline = corners.sorted { $0.order < $1.order }.map(\.point)
                let polygon = try PlanePolygon(outline: outline, "annotation \(index + 1)", url)
                areas.append(Area(names: [annotation.attributes["PartOfGroup"] ?? ""], polygons: [polygon]))
            case "dot", "pointset": skipped.add(.point)
            case "measurement": skipped.add(.line)
            default: skipped.add(.other)
            }
        }
    }

    /// What Aperio's ImageScope writes: each `Annotation` is a layer of `Region`s with a type and `Vertices`; a region with
    /// `NegativeROA` 1 is a hole in those of its layer.
    init(imageScope root: XMLTree.Element, _ url: URL) throws {
        origin = .slide
        var number = 0
        for layer in root.all("Annotation") {
            let first = areas.count
            var cut: [PlanePolygon] = []
            for region in layer.all("Region") {
                number += 1
                let vertices = region.all("Vertex").map(\.point)
                let type = ImageScopeType(rawValue: region.attributes["Type"] ?? "0")
                switch (type, vertices.count) {
                case (_, 0): skipped.add(.empty)
                case (_, 1): skipped.add(.point)
                case (nil, _): skipped.add(.other)
                case (.arrow, _), (.ruler, _), (.outline, 2): skipped.add(.line)
                default:
                    var polygon = try PlanePolygon(
                        outline: vertices.count == 2 ? vertices + vertices : vertices,
                        "region \(number)",
                        url
                    )
                    if type == .ellipse, vertices.count <= 4 { polygon = polygon.framed(asEllipse: true) }
                    if type == .rectangle, vertices.count == 2 { polygon = polygon.framed(asEllipse: false) }
                    if region.attributes["NegativeROA"] == "1" {
                        cut.append(polygon)
                    } else {
                        areas.append(Area(names: Self.names(of: region, in: layer), polygons: [polygon]))
                    }
                }
            }
            for hole in cut {
                let around = (first..<areas.count).filter { index in
                    areas[index].polygons.allSatisfy { polygon in hole.outer.allSatisfy(polygon.contains) }
                }
                for index in around { areas[index].polygons[0].holes.append(hole.outer) }
                if around.isEmpty { areas.append(Area(names: ["exclude"], polygons: [hole])) }
            }
        }
    }

    /// The layer's name, else the name of its attribute, and the region's own text.
    private static func names(of region: XMLTree.Element, in layer: XMLTree.Element) -> [String] {
        let attributes = layer.children.filter { $0.name == "Attributes" }.flatMap(\.children)
        let layerNames = [layer.attributes["Name"]] + attributes.map { $0.attributes["Name"] }
        let named = layerNames.compactMap(\.self).first { !$0.isEmpty }
        return [named, region.attributes["Text"]].compactMap(\.self).filter { !$0.isEmpty }
    }
}

/// `Type` of a region.
private enum ImageScopeType: String {
    case outline = "0"
    case rectangle = "1"
    /// Its vertices are two or four corners of its frame.
    case ellipse = "2"
    case arrow = "3"
    case ruler = "4"
}

extension XMLTree.Element {
    /// `X` and `Y`; nil where one is no number.
    fileprivate var point: PlanePoint? { number("X").flatMap { x in number("Y").map { PlanePoint(x: x, y: $0) } } }
}

extension PlanePolygon {
    /// A ring that was read from a file; nil stands for a point that is no pair of numbers.
    fileprivate init(outline: [PlanePoint?], _ name: String, _ url: URL) throws {
        func malformed(_ reason: String) -> StorageError { .malformed(path: url.path, reason: "\(name)\(reason)") }
        let points = outline.compactMap(\.self)
        guard points.count == outline.count else { throw malformed(": a point is no pair of numbers in range") }
        if let fault = points.lazy.compactMap(\.fault).first { throw malformed(": \(fault)") }
        guard points.count >= 3 else { throw malformed(" has fewer than three points") }
        self.init(outer: points)
    }

    /// The rectangle around its corners, or the ellipse in that.
    fileprivate func framed(asEllipse: Bool) -> PlanePolygon {
        let (xs, ys) = (outer.map(\.x), outer.map(\.y))
        let (left, right) = (xs.min() ?? 0, xs.max() ?? 0)
        let (top, bottom) = (ys.min() ?? 0, ys.max() ?? 0)
        guard asEllipse else {
            let ring = [(left, top), (right, top), (right, bottom), (left, bottom)]
            return PlanePolygon(outer: ring.map { PlanePoint(x: $0.0, y: $0.1) })
        }
        let corners = 128
        return PlanePolygon(
            outer: (0..<corners).map { corner in
                let angle = 2 * Double.pi * Double(corner) / Double(corners)
                return PlanePoint(
                    x: (left + right) / 2 + (right - left) / 2 * cos(angle),
                    y: (top + bottom) / 2 + (bottom - top) / 2 * sin(angle)
                )
            }
        )
    }
}
