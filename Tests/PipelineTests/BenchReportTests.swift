import Config
import Foundation
import Messages
import Records
import TestSupport
import Testing

@testable import Pipeline

/// The arithmetic of `wsi bench`.
@Suite struct BenchReportTests {
    private func use(_ name: String, _ patches: Int, _ seconds: Double, busy: Double, batch: Int = 256) -> DeviceUse {
        DeviceUse(name: name, patches: patches, batch: batch, seconds: seconds, busySeconds: busy * seconds)
    }

    private var report: BenchReport {
        var reading = Throughput()
        (reading.patches, reading.seconds) = (9000, 2)
        reading.times.add(.seconds(3), to: .decode)
        reading.times.add(.seconds(1), to: .start)
        var whole = Throughput()
        (whole.patches, whole.seconds, whole.loading) = (9000, 12, 3)
        whole.times.add(.seconds(8), to: .encode)
        whole.times.add(.seconds(2), to: .decode)
        whole.devices = [use("cuda:0", 4500, 9, busy: 0.96), use("cuda:1", 4500, 9, busy: 0.914, batch: 128)]
        return BenchReport(
            encoder: "vit-l16",
            precision: .bf16,
            cut: PatchCut(side: 224, mpp: 0.5),
            workers: 4,
            slides: 8,
            encoderAlone: .init(encoderAlone: [
                use("cuda:0", 6000, 10, busy: 1), use("cuda:1", 5000, 10, busy: 0.99),
            ]),
            reading: .init(reading),
            endToEnd: .init(whole)
        )
    }

    @Test func devicesThatWorkBesideEachOtherAddTheirRates() {
        let row = BenchReport.Row(encoderAlone: [use("a", 100, 10, busy: 1), use("b", 300, 15, busy: 0.5)])
        #expect(row.rate == 30 && row.patches == 400)
        #expect(row.busy == 0.5)
        #expect(BenchReport.Row(encoderAlone: []).rate == 0)
    }

    @Test func loadingTheEncoderIsNotCounted() {
        #expect(report.endToEnd.seconds == 9)
        #expect(report.endToEnd.rate == 1000)
    }

    @Test func theTableSaysWhatWasMeasured() {
        #expect(report.head == "vit-l16 in bf16; 4 workers, 8 slides, patches of 224 px at 0.5 µm")
        #expect(
            report.table == [
                ["", "patches", "patches/s", "device", "busy", "batch", "limit"],
                ["encoder alone", "11,000", "1,100", "cuda:0, cuda:1", "100 %, 99 %", "256, 256", "encode"],
                ["reading alone", "9,000", "4,500", "–", "–", "–", "decode (75 % of the workers' time)"],
                [
                    "end to end", "9,000", "1,000", "cuda:0, cuda:1", "96 %, 91 %", "256, 128",
                    "encode (80 % of the workers' time)",
                ],
            ]
        )
        #expect(report.forecast == "1,000 slides of 10,000 patches: 2.8 h")
    }

    @Test(arguments: [
        (0.0001, "1 min"), (0.2, "12 min"), (3.21, "3.2 h"), (9.97, "10 h"), (71.4, "71 h"), (505.0, "21 days"),
        (87_600.0, "3,650 days"),
    ])
    func hoursAreSaidInWords(_ hours: Double, _ words: String) {
        #expect(BenchReport.clock(hours: hours) == words)
    }

    @Test func theJSONHasTheRates() throws {
        let data = try JSONEncoder().encode(report)
        let json = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        let row = try #require(json["end_to_end"] as? [String: Any])
        #expect(row["patches_per_second"] as? Double == 1000)
        #expect(row["limit"] as? String == "encode" && row["batch"] as? Int == 128)
        #expect(try abs(#require(row["busy"] as? Double) - 0.914) < 1e-9)
    }

    @Test func theLineOfAStageSaysHowBusyItsDevicesWere() {
        var throughput = Throughput()
        (throughput.patches, throughput.seconds) = (100, 10)
        throughput.times.add(.seconds(1), to: .decode)
        throughput.devices = [use("cpu", 100, 8, busy: 0.5)]
        #expect(throughput.text(of: "slide").hasSuffix("decode limits (100 % of the workers' time); cpu busy 50 %"))
    }

    @Test(arguments: [
        ([10, 10, 10], 9, [3, 3, 3]), ([1, 10, 0, 10], 9, [1, 4, 0, 4]), ([5, 5], 100, [5, 5]), ([5, 5], 1, [1, 0]),
        ([2, 50], 40, [2, 38]), ([], 5, []), ([3, 3], 0, [0, 0]),
    ])
    func slidesShareThePatchesThatAreWanted(_ counts: [Int], _ wanted: Int, _ shares: [Int]) {
        #expect(BenchPatches.shares(of: counts, wanted: wanted) == shares)
    }

    @Test func everyNameIsAnEncoderOfItsArchitecture() throws {
        #expect(RandomEncoder.names.contains(RandomEncoder.usual))
        #expect(Set(RandomEncoder.names).count == RandomEncoder.names.count)
        let scratch = try Scratch()
        let made = try #require(try RandomEncoder.write("vit-s16", to: scratch.folder))
        #expect(made.cut == PatchCut(side: 224, mpp: 0.5))
        let choice = try EncoderChoice(made.file.path)
        #expect(choice.identity.name == "vit-s16" && choice.identity.width == 384)
        #expect(try RandomEncoder.write("vit-x99", to: scratch.folder) == nil)
    }
}
