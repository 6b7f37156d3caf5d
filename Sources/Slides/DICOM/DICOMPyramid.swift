import Files
import Foundation
import Imaging
import Records

/// The levels of one slide in DICOM.
struct DICOMPyramid {
    /// Level 0 first.
    let levels: [DICOMLevel]

    /// - Throws: `SlideError` for what is no pyramid, or stored in a way that is not read; `SlideFault`, `StorageError`.
    init(_ instances: [DICOMInstance]) throws {
        var parts: [String: [DICOMInstance]] = [:]
        for (index, instance) in instances.enumerated() {
            let whole = instance.header.concatenation
            parts[whole.isEmpty ? "instance \(index)" : "whole \(whole)", default: []].append(instance)
        }
        levels = try parts.values.map { try DICOMLevel($0) }.sorted {
            ($0.size.width, $0.size.height) > ($1.size.width, $1.size.height)
        }
        for (level, next) in zip(levels, levels.dropFirst()) where level.size == next.size {
            throw SlideError.geometry(
                "two levels of \(level.size.width) × \(level.size.height) pixels in one DICOM pyramid"
            )
        }
        for level in levels.dropFirst() where !level.size.hasProportions(of: levels[0].size) {
            let (size, whole) = (level.size, levels[0].size)
            throw SlideError.geometry(
                "a level of \(size.width) × \(size.height) pixels in a DICOM pyramid of \(whole.width) × \(whole.height)"
            )
        }
    }

    /// All that may be told.
    func account(profile: [UInt8]?) -> SlideAccount {
        let scale = DICOMScale(levels[0])
        var account = SlideAccount(
            vendor: "dicom",
            levelCount: levels.count,
            levels: levels.map { level in
                SlideAccount.Level(
                    width: Int64(level.size.width),
                    height: Int64(level.size.height),
                    downsample: level.size.downsample(from: levels[0].size)
                )
            }
        )
        (account.mppX, account.mppY) = (scale.mppX, scale.mppY)
        account.notes = [scale.note].compactMap(\.self)
        account.objectivePower = levels[0].header.objectivePower
        account.hasICCProfile = profile != nil
        account.background = RGB(absentPixel: levels[0].header.absentPixel) ?? .white
        for (index, level) in levels.enumerated() {
            account.properties["level \(index)"] = level.fingerprint
        }
        if let profile { account.properties["profile"] = Digest.sha256(Data(profile)) }
        account.properties["scale"] = "\(scale)"
        return account
    }
}

extension DICOMLevel {
    /// Of how the level is stored; none of its words are in it.
    fileprivate var fingerprint: String {
        let facts = parts.map { part in
            "\(part.tileSize) \(part.header.form) \(part.header.transferSyntax) \(part.header.absentPixel) "
                + part.frames.fingerprint
        }
        let places = frames.withUnsafeBytes { Data($0) }
        return Digest.sha256(Data(facts.joined(separator: "\n").utf8) + places)
    }
}

/// µm per pixel of level 0: the pixels' own spacing, else the size of what was imaged.
struct DICOMScale: CustomStringConvertible {
    var mppX: Double?
    var mppY: Double?
    /// Where both are there and differ.
    var note: String?

    init(_ level: DICOMLevel) {
        let header = level.header
        let volume = [(header.volumeWidth, level.size.width), (header.volumeHeight, level.size.height)].map {
            length,
            pixels in length.flatMap { $0 > 0 && $0.isFinite ? $0 * 1000 / Double(pixels) : nil }
        }
        guard let spacing = level.parts.compactMap(\.body.spacing).first else {
            (mppX, mppY) = (volume[0], volume[1])
            return
        }
        (mppX, mppY) = (spacing.columns * 1000, spacing.rows * 1000)
        let pairs = [(spacing.columns * 1000, volume[0]), (spacing.rows * 1000, volume[1])]
        let isOff = pairs.contains { own, other in other.map { abs($0 - own) > 0.01 * own } ?? false }
        guard isOff, let x = volume[0] ?? volume[1], let mppX else { return }
        note =
            "its PixelSpacing means \(SlideScale.short(mppX)) µm per pixel and is taken, its ImagedVolumeWidth and Height would mean "
            + "\(SlideScale.short(x))"
    }

    var description: String { "\(mppX.map { "\($0)" } ?? "none") \(mppY.map { "\($0)" } ?? "none") \(note ?? "")" }
}
