import Files

/// What stands between an instance's header and its pixels: where its tiles lie and how large its pixels are.
struct DICOMBody {
    /// mm per pixel, between rows and between columns.
    private(set) var spacing: (rows: Double, columns: Double)?
    /// Of each frame, from 1; empty where no frame says it, 0 where one does not.
    private(set) var places: [(column: Int32, row: Int32)] = []
    private(set) var extendedOffsets: DICOMElement?
    private(set) var extendedLengths: DICOMElement?
    private(set) var pixels: DICOMElement?

    /// - Throws: `SlideFault`, `StorageError`.
    init(_ file: OpenFile, _ header: DICOMHeader) throws {
        var walk = DICOMWalk(file, from: header.rest, isImplicit: header.isImplicit, stop: .pixelData)
        var frames = 0
        while true {
            switch try walk.next() {
            case .item:
                guard walk.isIn(.frameGroups) else { continue }
                frames += 1
                guard frames <= header.frames else {
                    throw SlideFault(text: "it describes more than its \(header.frames) frames")
                }
            case .value(let element): try take(element, frames, &walk)
            case .stop(let element):
                pixels = element
                return
            case .end: return
            }
        }
    }

    private mutating func take(_ element: DICOMElement, _ frames: Int, _ walk: inout DICOMWalk) throws {
        switch element.tag {
        case .extendedOffsets where walk.path.isEmpty: extendedOffsets = element
        case .extendedLengths where walk.path.isEmpty: extendedLengths = element
        case .pixelSpacing where walk.isIn(.sharedGroups, .pixelMeasures) || walk.isIn(.frameGroups, .pixelMeasures):
            guard spacing == nil else { return }
            let values = try walk.decimals(element)
            if values.count == 2, values.allSatisfy({ $0 > 0 }) { spacing = (values[0], values[1]) }
        case .tileColumn where walk.isIn(.frameGroups, .tilePlace):
            fill(frames)
            places[frames - 1].column = Int32(try walk.signed(element) ?? 0)
        case .tileRow where walk.isIn(.frameGroups, .tilePlace):
            fill(frames)
            places[frames - 1].row = Int32(try walk.signed(element) ?? 0)
        default: break
        }
    }

    private mutating func fill(_ frames: Int) {
        while places.count < frames { places.append((0, 0)) }
    }
}
