/// The tag of a data element (PS3.6): its group in the upper half, its element in the lower.
struct DICOMTag: Hashable, Comparable, CustomStringConvertible {
    let value: UInt32

    init(_ group: UInt16, _ element: UInt16) { value = UInt32(group) << 16 | UInt32(element) }

    var group: UInt16 { UInt16(value >> 16) }

    var description: String {
        let text = String(value, radix: 16, uppercase: true)
        let digits = String(repeating: "0", count: 8 - text.count) + text
        return "(\(digits.prefix(4)),\(digits.suffix(4)))"
    }

    static func < (one: DICOMTag, other: DICOMTag) -> Bool { one.value < other.value }
}

/// All that is ever read of a file, in its order. The patient, the study, the equipment and the specimen have no tag here, so that
/// nothing of them can come out.
extension DICOMTag {
    static let mediaSOPClass = DICOMTag(0x0002, 0x0002)
    static let transferSyntax = DICOMTag(0x0002, 0x0010)
    static let imageType = DICOMTag(0x0008, 0x0008)
    static let sopClass = DICOMTag(0x0008, 0x0016)
    static let sopInstance = DICOMTag(0x0008, 0x0018)
    static let pyramid = DICOMTag(0x0008, 0x0019)
    static let series = DICOMTag(0x0020, 0x000E)
    static let frameOfReference = DICOMTag(0x0020, 0x0052)
    static let concatenation = DICOMTag(0x0020, 0x9161)
    static let concatenationOffset = DICOMTag(0x0020, 0x9228)
    static let organization = DICOMTag(0x0020, 0x9311)
    static let samples = DICOMTag(0x0028, 0x0002)
    static let photometric = DICOMTag(0x0028, 0x0004)
    static let planarConfiguration = DICOMTag(0x0028, 0x0006)
    static let frames = DICOMTag(0x0028, 0x0008)
    static let rows = DICOMTag(0x0028, 0x0010)
    static let columns = DICOMTag(0x0028, 0x0011)
    static let bitsAllocated = DICOMTag(0x0028, 0x0100)
    static let bitsStored = DICOMTag(0x0028, 0x0101)
    static let representation = DICOMTag(0x0028, 0x0103)
    static let volumeWidth = DICOMTag(0x0048, 0x0001)
    static let volumeHeight = DICOMTag(0x0048, 0x0002)
    static let totalColumns = DICOMTag(0x0048, 0x0006)
    static let totalRows = DICOMTag(0x0048, 0x0007)
    static let absentPixel = DICOMTag(0x0048, 0x0015)
    static let opticalPaths = DICOMTag(0x0048, 0x0105)
    static let focalPlanes = DICOMTag(0x0048, 0x0303)
    static let sharedGroups = DICOMTag(0x5200, 0x9229)
    static let frameGroups = DICOMTag(0x5200, 0x9230)
    static let extendedOffsets = DICOMTag(0x7FE0, 0x0001)
    static let extendedLengths = DICOMTag(0x7FE0, 0x0002)
    static let pixelData = DICOMTag(0x7FE0, 0x0010)

    /// In a sequence of those above.
    static let iccProfile = DICOMTag(0x0028, 0x2000)
    static let opticalPath = DICOMTag(0x0048, 0x0106)
    static let objectivePower = DICOMTag(0x0048, 0x0112)
    static let pixelMeasures = DICOMTag(0x0028, 0x9110)
    static let pixelSpacing = DICOMTag(0x0028, 0x0030)
    static let tilePlace = DICOMTag(0x0048, 0x021A)
    static let tileColumn = DICOMTag(0x0048, 0x021E)
    static let tileRow = DICOMTag(0x0048, 0x021F)

    /// Read only where a user wants slides to be called by it.
    static let container = DICOMTag(0x0040, 0x0512)

    static let item = DICOMTag(0xFFFE, 0xE000)
    static let itemEnd = DICOMTag(0xFFFE, 0xE00D)
    static let sequenceEnd = DICOMTag(0xFFFE, 0xE0DD)

    /// Sequences that are looked into; all others are stepped over.
    static let sequences: Set<DICOMTag> = [.opticalPaths, .sharedGroups, .frameGroups, .pixelMeasures, .tilePlace]
}
