import Foundation
import TestSupport
import Testing

@testable import Slides

@Suite struct OpenSlideProfileTests {
    @Test(.enabled(if: OpenSlideProfiles.loaded != nil, "OpenSlide 3 is loaded"))
    func aColourProfileIsHandedOutByteForByte() throws {
        var tiff = TestTIFF(width: 128, height: 64)
        try tiff.use { path in
            let reader = try #require(try OpenSlideReader(path: path))
            #expect(try reader.iccProfile() == nil && !reader.account().hasICCProfile)
        }
        let profile = (0..<3001).map { UInt8(truncatingIfNeeded: $0 * $0 / 7) }
        tiff.iccProfile = Data(profile)
        try tiff.use { path in
            let reader = try #require(try OpenSlideReader(path: path))
            #expect(try reader.account().hasICCProfile && reader.iccProfile() == profile)
        }
    }

    @Test func whatTheLibraryCannotHandOutIsAFaultOnlyOfASlideThatHasIt() throws {
        var tiff = TestTIFF(width: 128, height: 64)
        let aperio = "Aperio Image Library layout\n128x64 [0,0 128x64] (64x64) RAW|AppMag = 20"
        for (description, hasProfile) in [(aperio, false), (aperio + "|ICC Profile = ScanScope v1", true)] {
            tiff.description = description
            try tiff.use { path in
                let reader = try #require(try OpenSlideReader(path: path, profiles: nil))
                #expect(try reader.account().vendor == "aperio")
                guard hasProfile else {
                    #expect(try reader.iccProfile() == nil)
                    return
                }
                let fault = try #require(throws: SlideFault.self) { try reader.iccProfile() }
                let version = SlideLibraries.openSlide
                #expect(
                    fault.text == "OpenSlide \(version) cannot hand out the slide's colour profile; OpenSlide 4 can"
                )
            }
        }
    }
}
