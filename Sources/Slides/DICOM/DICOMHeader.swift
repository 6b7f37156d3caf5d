import Files
import Foundation

/// What an instance says of itself before its frames: a closed list, none of it about a person (`DICOMTag`).
struct DICOMHeader {
    var transferSyntax = ""
    var sopClass = ""
    var instance = ""
    var imageType: [String] = []
    /// UIDs that tell which instances are one pyramid.
    var pyramid = ""
    var series = ""
    var frameOfReference = ""
    /// Of the parts that one image was cut into; empty where it is whole.
    var concatenation = ""
    var concatenationOffset = 0
    var organization = ""
    var form = DICOMPixelForm()
    var frames = 1
    /// Of a tile.
    var rows = 0
    var columns = 0
    /// Of the level.
    var totalColumns = 0
    var totalRows = 0
    /// mm.
    var volumeWidth: Double?
    var volumeHeight: Double?
    var absentPixel: [Int] = []
    /// How many there are.
    var opticalPaths = 0
    var opticalPathNames: [String] = []
    var objectivePower: Double?
    var profile: Range<Int>?
    var focalPlanes = 1
    /// Where the header's walk ended.
    var rest = 0

    var isImplicit: Bool { transferSyntax == DICOMTransferSyntax.implicit }

    /// Whether the file is DICOM (PS3.10, 7.1).
    /// - Throws: `StorageError`.
    static func isDICOM(_ file: OpenFile) throws(StorageError) -> Bool {
        try file.read(4, at: 128).elementsEqual("DICM".utf8)
    }

    /// nil for a file that is no DICOM.
    /// - Throws: `SlideFault`, `StorageError`.
    init?(_ file: OpenFile) throws {
        guard try Self.isDICOM(file) else { return nil }
        // The first group is always explicit (PS3.10, 7.1).
        var meta = DICOMWalk(file, from: 132, isImplicit: false, stop: DICOMTag(0x0003, 0))
        walk: while true {
            switch try meta.next() {
            case .value(let element):
                switch element.tag {
                case .transferSyntax: transferSyntax = try meta.text(element) ?? ""
                // Of a file that says it here alone.
                case .mediaSOPClass: sopClass = try meta.text(element) ?? ""
                default: break
                }
            case .item: continue
            case .stop, .end: break walk
            }
        }
        guard !transferSyntax.isEmpty else { throw SlideFault(text: "it does not say its transfer syntax") }
        rest = meta.position
        guard DICOMTransferSyntax.isWalked(transferSyntax) else { return }
        var walk = DICOMWalk(file, from: rest, isImplicit: isImplicit, stop: .sharedGroups)
        while true {
            switch try walk.next() {
            case .item: if walk.isIn(.opticalPaths) { opticalPaths += 1 }
            case .value(let element):
                if walk.path.isEmpty {
                    try take(element, &walk)
                } else if walk.isIn(.opticalPaths) {
                    try takeOfPath(element, &walk)
                }
            case .stop(let element):
                // Pixels come after all else; the walk that goes on from here finds them again.
                if element.tag != .pixelData { rest = walk.position }
                return
            case .end:
                // Files of other kinds have no pixels.
                guard !sopClass.isEmpty, sopClass != Self.wholeSlide else { throw DICOMBytes.truncated }
                return
            }
        }
    }

    private mutating func take(_ element: DICOMElement, _ walk: inout DICOMWalk) throws {
        switch element.tag {
        case .imageType: imageType = try walk.texts(element)
        case .sopClass: sopClass = try walk.text(element) ?? ""
        case .sopInstance: instance = try walk.text(element) ?? ""
        case .pyramid: pyramid = try walk.text(element) ?? ""
        case .series: series = try walk.text(element) ?? ""
        case .frameOfReference: frameOfReference = try walk.text(element) ?? ""
        case .concatenation: concatenation = try walk.text(element) ?? ""
        case .concatenationOffset: concatenationOffset = try walk.whole(element) ?? 0
        case .organization: organization = try walk.text(element) ?? ""
        case .samples: form.samples = try walk.whole(element) ?? 0
        case .photometric: form.photometric = try walk.text(element) ?? ""
        case .planarConfiguration: form.isPlanar = try walk.whole(element) == 1
        case .bitsAllocated: form.bitsAllocated = try walk.whole(element) ?? 0
        case .bitsStored: form.bitsStored = try walk.whole(element) ?? 0
        case .representation: form.isSigned = try walk.whole(element) == 1
        case .frames: frames = try walk.texts(element).first.flatMap { Int($0) } ?? 0
        case .rows: rows = try walk.whole(element) ?? 0
        case .columns: columns = try walk.whole(element) ?? 0
        case .totalColumns: totalColumns = try walk.whole(element) ?? 0
        case .totalRows: totalRows = try walk.whole(element) ?? 0
        case .volumeWidth: volumeWidth = try walk.float(element)
        case .volumeHeight: volumeHeight = try walk.float(element)
        case .focalPlanes: focalPlanes = try walk.whole(element) ?? 1
        case .absentPixel where element.value.count == 6:
            absentPixel = try (0..<3).map { Int(try walk.bytes.number(2, at: element.value.lowerBound + 2 * $0)) }
        default: break
        }
    }

    /// Of the first where there are several: such slides are refused.
    private mutating func takeOfPath(_ element: DICOMElement, _ walk: inout DICOMWalk) throws {
        switch element.tag {
        case .opticalPath: opticalPathNames.append(try walk.text(element) ?? "")
        case .objectivePower: objectivePower = try objectivePower ?? walk.decimals(element).first { $0 > 0 }
        case .iccProfile: profile = profile ?? element.value
        default: break
        }
    }

    /// What a laboratory calls the glass: read only for a user who wants slides to be called by it.
    /// - Throws: `SlideFault`, `StorageError`.
    static func container(_ file: OpenFile) throws -> String? {
        guard let header = try Self(file), DICOMTransferSyntax.isWalked(header.transferSyntax) else { return nil }
        var meta = DICOMWalk(file, from: 132, isImplicit: false, stop: DICOMTag(0x0003, 0))
        while case .value = try meta.next() {}
        var walk = DICOMWalk(file, from: meta.position, isImplicit: header.isImplicit, stop: .opticalPaths)
        while true {
            switch try walk.next() {
            case .value(let element) where element.tag == .container && walk.path.isEmpty:
                return try walk.text(element)
            case .value, .item: continue
            case .stop, .end: return nil
            }
        }
    }
}
