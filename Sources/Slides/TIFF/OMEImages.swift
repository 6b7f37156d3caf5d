import Files
import Foundation
import Records

/// What OME-XML says of the images of a file (OME schema 2016-06: `Image`, `Pixels`, `Channel`, `TiffData`).
struct OMEImages {
    struct Image {
        var size: PixelSize
        /// µm per pixel along x; nil where it says no length.
        var mpp: Double?
        /// Focal planes times points of time.
        var depth: Int
        var channels: [Channel]
        /// Directories of the planes of the first depth, one for each channel; nil for one of which nothing is said. Those of
        /// other files have their numbers there.
        var planes: [Int?]
        /// Whether its name says that it is no part of the slide's tissue.
        var isLabel: Bool
    }

    struct Channel: Equatable {
        /// Of a pixel.
        var samples = 1
        /// In lower case.
        var name: String?
        /// RGBA.
        var colour: UInt32?
        /// Whether anything says that it is the light of a stain.
        var isFluorescent = false
    }

    var images: [Image]

    /// - Returns: nil for a text that is none, or names no image.
    init?(description: String) {
        guard description.contains("OME"), let root = try? XMLTree(Data(description.utf8)).root, root.name == "OME"
        else { return nil }
        var nextDirectory = 0
        images = root.all("Image").prefix(Self.mostImages).compactMap { element in
            Image(element, next: &nextDirectory)
        }
        guard !images.isEmpty else { return nil }
    }

    private static let mostImages = 256

    /// The images that may be the slide: the largest, and with it those of its scale that no name calls a label: scenes. A
    /// smaller one of the same shape is a level of the largest.
    var scenes: [Image] {
        guard
            let largest = images.filter({ !$0.isLabel }).max(by: { $0.size.area < $1.size.area })
                ?? images.max(by: { $0.size.area < $1.size.area })
        else { return [] }
        return images.filter { image in
            if image.planes == largest.planes, image.size == largest.size { return true }
            guard !image.isLabel, let mpp = image.mpp, let whole = largest.mpp else { return false }
            return abs(mpp - whole) <= 0.01 * whole && !image.size.isReduced(from: largest.size)
        }
    }
}

extension OMEImages.Image {
    /// - Parameter next: the directory that follows those of the images so far.
    fileprivate init?(_ element: XMLTree.Element, next: inout Int) {
        func count(_ pixels: XMLTree.Element, _ name: String) -> Int? {
            pixels.attributes[name].flatMap { Int($0) }.flatMap { (1...Int(Int32.max)).contains($0) ? $0 : nil }
        }
        guard let pixels = element.all("Pixels").first, let width = count(pixels, "SizeX"),
            let height = count(pixels, "SizeY")
        else { return nil }
        size = PixelSize(width: width, height: height)
        mpp = pixels.micrometres("PhysicalSizeX")
        depth = min(1 << 20, count(pixels, "SizeZ") ?? 1) * min(1 << 20, count(pixels, "SizeT") ?? 1)
        let all = min(Self.mostChannels, count(pixels, "SizeC") ?? 1)
        channels = pixels.all("Channel").prefix(Self.mostChannels).map(OMEImages.Channel.init)
        // Older files leave the channels out.
        if channels.isEmpty { channels = Array(repeating: OMEImages.Channel(), count: all) }
        // Or how many samples the one has.
        if channels.count == 1 { channels[0].samples = all }
        planes = Self.planes(of: pixels, count: channels.count, next: next)
        next += channels.count * depth
        let name = element.attributes["Name"]?.lowercased() ?? ""
        isLabel = ["label", "macro", "overview", "thumbnail"].contains { name.contains($0) }
    }

    private static func planes(of pixels: XMLTree.Element, count: Int, next: Int) -> [Int?] {
        let parts = pixels.all("TiffData")
        guard !parts.isEmpty else { return (0..<count).map { next + $0 } }
        var planes = [Int?](repeating: nil, count: count)
        func number(_ part: XMLTree.Element, _ name: String) -> Int? {
            part.attributes[name].flatMap { Int($0) }.flatMap { (0...(1 << 20)).contains($0) ? $0 : nil }
        }
        for part in parts where (number(part, "FirstZ") ?? 0) == 0 && (number(part, "FirstT") ?? 0) == 0 {
            let directory = number(part, "IFD")
            let length = number(part, "PlaneCount") ?? (directory == nil ? count : 1)
            let first = number(part, "FirstC") ?? 0
            for offset in 0..<max(0, min(length, count - first)) {
                planes[first + offset] = (directory ?? 0) + offset
            }
        }
        return planes
    }

    private static let mostChannels = 4096
}

extension OMEImages.Channel {
    fileprivate init(_ element: XMLTree.Element) {
        samples =
            element.attributes["SamplesPerPixel"].flatMap { Int($0) }.flatMap { (1...64).contains($0) ? $0 : nil } ?? 1
        name = element.attributes["Name"]?.lowercased()
        colour = element.attributes["Color"].flatMap { Int32($0) }.map { UInt32(bitPattern: $0) }
        let lights = ["ExcitationWavelength", "EmissionWavelength", "Fluor"]
        isFluorescent =
            lights.contains { element.attributes[$0] != nil } || element.attributes["ContrastMethod"] == "Fluorescence"
            || element.attributes["IlluminationType"] == "Epifluorescence"
    }
}

extension [OMEImages.Channel] {
    /// Whether three channels of one sample are the colours of a picture: by their names, or where they have none by colours
    /// of pure red, green and blue, and nothing speaks of fluorescence. That three channels are three colours is not enough:
    /// stains are as often shown in these.
    var areColours: Bool {
        guard count == 3, allSatisfy({ $0.samples == 1 && !$0.isFluorescent }) else { return false }
        let names = compactMap(\.name)
        if !names.isEmpty { return names == ["red", "green", "blue"] || names == ["r", "g", "b"] }
        return map { ($0.colour ?? 0) >> 8 } == [0xFF_0000, 0xFF00, 0xFF]
    }
}

extension PixelSize {
    var area: Int { width * height }

    /// Whether it is that of a smaller picture of the same, by `Pyramid.hasProportions`.
    func isReduced(from whole: PixelSize) -> Bool {
        guard width < whole.width, height < whole.height, width > 0, height > 0 else { return false }
        let (across, down) = (Double(whole.width) / Double(width), Double(whole.height) / Double(height))
        return abs(across / down - 1) <= 0.01 + 2 / Double(width) + 2 / Double(height)
    }
}
