import Files
import Foundation
import Records
import Slides
import Storage

/// The slides that a job was made of, compared with their quick digests in the outcomes of their tiling.
struct VerifySlides: Sendable {
    struct Slide: Hashable, Sendable {
        var path: String
        var digest: String
        var unit: UnitID
    }

    private(set) var slides: [Slide] = []
    /// Tiled slides of which no table of the job tells where they lie.
    private(set) var unknown: [UnitID] = []
    /// Tiled slides that only a client gets.
    private(set) var remote: [UnitID] = []
    private let command: String

    init(_ jobs: [VerifiedJob]) {
        command = jobs.first?.layout.command(of: StageName.tile) ?? ""
        var seen: Set<Slide> = []
        for job in jobs {
            // A table that cannot be read is a finding of its own.
            let paths = (try? SlidePaths.read(job.layout)) ?? SlidePaths()
            for (unit, outcome) in job.outcomes[.tile] ?? [:] {
                guard let digest = outcome.fingerprint[.slide],
                    ![TileStage.unreadable, TileStage.uncopied].contains(digest)
                else { continue }
                guard let path = paths.slides[unit.text] else {
                    unknown.append(unit)
                    continue
                }
                if RemoteAddress(path) != nil {
                    remote.append(unit)
                    continue
                }
                let slide = Slide(path: path, digest: digest, unit: unit)
                if seen.insert(slide).inserted { slides.append(slide) }
            }
        }
        slides.sort { ($0.path, $0.digest) < ($1.path, $1.digest) }
    }

    /// nil where a slide is the one that was tiled.
    func finding(_ slide: Slide) -> VerifyFinding? {
        func found(_ kind: VerifyFinding.Kind, _ text: String, _ remedy: String) -> VerifyFinding {
            VerifyFinding(
                kind,
                .digest,
                slide.path,
                stage: StageName.tile.text,
                unit: slide.unit.text,
                text,
                remedy: remedy
            )
        }
        do {
            guard try SlideDigest.quick(slide.path) != slide.digest else { return nil }
            let remedy = "put the tiled one back, or run \(command) --redo"
            return found(.damaged, "is not the slide that was tiled", remedy)
        } catch let error as StorageError where error.code == .notFound {
            return found(.missing, "the slide is gone", "put it back, or run \(command) with its new place")
        } catch {
            return VerifyFinding(error, reading: slide.path, stage: StageName.tile.text, unit: slide.unit.text)
        }
    }
}
