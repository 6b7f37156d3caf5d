import Files
import Foundation
import Records

/// What OME-XML says of the images of a file (OME schema 2016-06: `Image`, `Pixels`, `Channel`, `TiffData`).
struct OMEImages {
    struct Image {
        var size: PixelSize
        /// nil where it says no length.
        var pixel: OMEPixel?
        /// Focal planes times points of time.
        var depth: Int
        var channels: [Channel]
        /// Directories of the planes of the first depth, one for each channel; nil for one of which nothing is said, or that lies in
        /// another file.
        var planes: [Int?]
        /// Other files in which planes lie, as they are named.
        var otherFiles: Set<String>
        /// Whether any plane lies in this file.
        var isHere: Bool
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

    /// Those of this file, or of other files where it has none.
    var images: [Image]
    /// Whether its text speaks of other files, too.
    var isOfSet: Bool

    /// - Parameter file: the name of the one that has the text.
    /// - Returns: nil for a text that is none, or names no image.
    init?(description: String, file: String) {
        guard let root = Self.root(of: description) else { return nil }
        let files = OMEFiles(root, name: file)
        var nextDirectory = 0
        let all = root.all("Image").prefix(Self.mostImages).compactMap { element in
            Image(element, files, next: &nextDirectory)
        }
        guard !all.isEmpty else { return nil }
        isOfSet = all.contains { !$0.otherFiles.isEmpty }
        images = all.contains(where: \.isHere) ? all.filter(\.isHere) : all
    }

    /// The file that has the description in place of this one; nil where this one has it, or is no OME-TIFF.
    static func companion(description: String) -> String? {
        root(of: description)?.all("BinaryOnly").first.map { binary in
            let name = OMEFiles.name(binary.attributes["MetadataFile"] ?? "")
            return name.isEmpty ? "another file" : name
        }
    }

    private static func root(of description: String) -> XMLTree.Element? {
        guard description.contains("OME"), let root = try? XMLTree(Data(description.utf8)).root, root.name == "OME"
        else { return nil }
        return root
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
            guard !image.isLabel, let mpp = image.pixel?.mppX, let whole = largest.pixel else { return false }
            return whole.isNear(mpp) && !image.size.isReduced(from: largest.size)
        }
    }
}

extension OMEImages.Image {
    /// - Parameter next: the directory that follows those of the images so far.
    fileprivate init?(_ element: XMLTree.Element, _ files: OMEFiles, next: inout Int) {
        func count(_ pixels: XMLTree.Element, _ name: String) -> Int? {
            pixels.attributes[name].flatMap { Int($0) }.flatMap { (1...Int(Int32.max)).contains($0) ? $0 : nil }
        }
        guard let pixels = element.all("Pixels").first, let width = count(pixels, "SizeX"),
            let height = count(pixels, "SizeY")
        else { return nil }
        size = PixelSize(width: width, height: height)
        pixel = OMEPixel(pixels)
        depth = min(1 << 20, count(pixels, "SizeZ") ?? 1) * min(1 << 20, count(pixels, "SizeT") ?? 1)
        let all = min(Self.mostChannels, count(pixels, "SizeC") ?? 1)
        channels = pixels.all("Channel").prefix(Self.mostChannels).map(OMEImages.Channel.init)
        // Older files leave the channels out.
        if channels.isEmpty { channels = Array(repeating: OMEImages.Channel(), count: all) }
        // Or how many samples the one has.
        if channels.count == 1 { channels[0].samples = all }
        let parts = pixels.all("TiffData").map { (planes: $0, otherFile: files.other(of: $0)) }
        otherFiles = Set(parts.compactMap(\.otherFile))
        isHere = parts.isEmpty || parts.contains { $0.otherFile == nil }
        planes =
            parts.isEmpty
            ? channels.indices.map { [next] in next + $0 }
            : Self.planes(of: parts.filter { $0.otherFile == nil }.map(\.planes), count: channels.count)
        next += channels.count * depth
        let name = element.attributes["Name"]?.lowercased() ?? ""
        isLabel = ["label", "macro", "overview", "thumbnail"].contains { name.contains($0) }
    }

    private static func planes(of parts: [XMLTree.Element], count: Int) -> [Int?] {
        var planes = [Int?](repeating: nil, count: count)
        /// nil for one that is none.
        func number(_ part: XMLTree.Element, _ name: String, or other: Int) -> Int? {
            guard let text = part.attributes[name] else { return other }
            return Int(text).flatMap { (0...(1 << 20)).contains($0) ? $0 : nil }
        }
        for part in parts {
            let isAll = part.attributes["IFD"] == nil
            guard number(part, "FirstZ", or: 0) == 0, number(part, "FirstT", or: 0) == 0,
                let first = number(part, "FirstC", or: 0), let directory = number(part, "IFD", or: 0),
                let length = number(part, "PlaneCount", or: isAll ? count : 1)
            else { continue }
            for offset in 0..<max(0, min(length, count - first)) { planes[first + offset] = directory + offset }
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
