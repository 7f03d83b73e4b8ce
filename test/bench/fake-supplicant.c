/*
 * A fast fake of wpa_supplicant's control interface, for measurements. It serves wlan0 and p2p-dev-wlan0, and after
 * P2P_GROUP_ADD p2p-wlan0-0, in the folder given as its argument, and answers as wpa_supplicant 2.10 does. Unlike
 * wpa_supplicant it waits for a receiver whose queue is full, except in a burst, so nothing is lost on its side.
 *
 * It prints "ready", then for the first request of each kind "attach <ns>", "group-add <ns>" and "group-attach <ns>"
 * (CLOCK_MONOTONIC). It reads commands, one for each line, and ends at the end of its input:
 *   react SIGN N ADDRESSES PAUSE_US
 *       N times the sign of an enrollee (pin: WPS-PIN-NEEDED, enrollee: WPS-ENROLLEE-SEEN, station: AP-STA-CONNECTED) from
 *       that many addresses, each PAUSE_US after the answer to the one before; prints "reactions <ns> <ns> ...", the time
 *       until each WPS_PIN
 *   flood KIND N PEERS
 *       N events (KIND probe, found, scan or station) of PEERS devices, as fast as they are read, and a WPS-PIN-NEEDED at the
 *       end; prints "flood <sent> <lost> <ns until its WPS_PIN>"
 *   burst KIND N PEERS PACE_NS
 *       N events without waiting for the receiver, as wpa_supplicant does, one each PACE_NS at most; an event for which there
 *       is no room is lost; prints "burst <sent> <lost>"
 *   stations N
 *       N stations in all are in the group, the new ones connect; prints "stations N"
 *   count
 *       prints "count <requests> <PINGs among them>" since the last count
 * On an error it prints "error <reason>".
 */
#include "fake-control.h"

/*
 * An enrollee needs a PIN, and uses it as soon as it is armed. The sign of it: "pin" for WPS-PIN-NEEDED, "enrollee" for
 * WPS-ENROLLEE-SEEN, "station" for AP-STA-CONNECTED. Returns the time until the PIN, or -1.
 */
static long long react(unsigned enrollee, const char *sign)
{
	long long start = now();
	char address[18];

	snprintf(address, sizeof address, "46:00:00:%02x:%02x:%02x", enrollee >> 16 & 255, enrollee >> 8 & 255,
		 enrollee & 255);
	pin_at = 0;
	if (strcmp(sign, "station") == 0)
		emit(&faces[GROUP], "AP-STA-CONNECTED %s p2p_dev_addr=%s", address, address);
	else if (strcmp(sign, "enrollee") == 0)
		emit(&faces[GROUP], "WPS-ENROLLEE-SEEN %s " UUID " 10-0050F204-5 0x188 0 1 [Phone]", address);
	else
		emit(&faces[GROUP], "WPS-PIN-NEEDED " UUID " %s [ | | | | |0-00000000-0]", address);
	while (!pin_at && now() - start < PATIENCE_MS * 1000000LL)
		turn(100000);
	if (!pin_at)
		return -1;
	emit(&faces[GROUP], "WPS-REG-SUCCESS %s " UUID, address);
	return pin_at - start;
}

static void reactions(long count, long addresses, long pause_us, const char *sign)
{
	long long *times = calloc(count, sizeof *times);

	for (long i = 0; i < count; i++) {
		long long rest = now() + pause_us * 1000LL;
		for (long long left = pause_us; left > 0; left = (rest - now()) / 1000)
			turn(left);
		times[i] = react(i % addresses, sign);
		if (times[i] < 0) {
			say("error no WPS_PIN within %d ms of sign %ld, \"%s\"", PATIENCE_MS, i, sign);
			free(times);
			return;
		}
	}
	printf("reactions");
	for (long i = 0; i < count; i++)
		printf(" %lld", times[i]);
	say("");
	free(times);
}

static void connects(unsigned number)
{
	emit(&faces[GROUP], "AP-STA-CONNECTED " STATION " p2p_dev_addr=" STATION_DEVICE, number, number);
}

static void connect_stations(int wanted)
{
	while (stations < wanted) {
		stations++;
		connects(stations - 1);
		turn(0);
	}
	say("stations %d", stations);
}

static int one_event(const char *kind, long i, long peers)
{
	struct face *device = &faces[DEVICE];
	unsigned peer = i % peers, high = peer >> 8 & 255, low = peer & 255, top = peer >> 16 & 255;

	if (strcmp(kind, "probe") == 0) {
		emit(&faces[GROUP], "RX-PROBE-REQUEST sa=02:00:00:%02x:%02x:%02x signal=-%d", top, high, low, 40 + low % 40);
	} else if (strcmp(kind, "found") == 0) {
		emit(device, "P2P-DEVICE-FOUND 02:00:00:%02x:%02x:%02x p2p_dev_addr=02:00:00:%02x:%02x:%02x "
		     "pri_dev_type=10-0050F204-5 name='Phone %u' config_methods=0x188 dev_capab=0x25 group_capab=0x0 new=1",
		     top, high, low, top, high, low, peer);
	} else if (strcmp(kind, "scan") == 0) {
		switch (i % 4) {
		case 0: emit(device, "CTRL-EVENT-SCAN-STARTED "); break;
		case 1: emit(device, "CTRL-EVENT-BSS-ADDED %ld 06:00:00:%02x:%02x:%02x", i, top, high, low); break;
		case 2: emit(device, "CTRL-EVENT-BSS-REMOVED %ld 06:00:00:%02x:%02x:%02x", i - 1, top, high, low); break;
		case 3: emit(device, "CTRL-EVENT-SCAN-RESULTS "); break;
		}
	} else if (strcmp(kind, "station") == 0 && stations > 0) {
		/* One leaves and comes back. */
		unsigned number = i / 2 % stations;
		if (i % 2 == 0)
			emit(&faces[GROUP], "AP-STA-DISCONNECTED " STATION, number);
		else
			connects(number);
	} else {
		return 0;
	}
	return 1;
}

static void flood(const char *kind, long count, long peers)
{
	long long start = now();
	int unread = 1;

	lost = 0;
	for (long i = 0; i < count; i++) {
		if (!one_event(kind, i, peers)) {
			say("error unknown kind of event: %s", kind);
			return;
		}
		/* The receiver's heartbeat must not find a full queue. */
		if (i % 64 == 0)
			turn(0);
	}
	/* On the other socket the closing event would overtake the events that are still queued on this one. */
	while (ioctl(faces[DEVICE].fd, SIOCOUTQ, &unread) == 0 && unread > 0 && now() - start < 600000000000LL)
		usleep(20);
	if (react(0, "pin") < 0)
		say("error no WPS_PIN after the flood");
	else
		say("flood %ld %ld %lld", count, lost, now() - start);
}

/*
 * wpa_supplicant sends each event at once with MSG_DONTWAIT. It holds events back only if more than half of its send buffer
 * is unread (ctrl_iface_unix.c, wpas_ctrl_iface_throttle). A client that does not connect its socket never reaches that: its
 * own queue is full before, with net.unix.max_dgram_qlen + 1 events.
 */
static void burst(const char *kind, long count, long peers, long pace_ns)
{
	long long next = now();

	lost = 0;
	send_flags = MSG_DONTWAIT;
	for (long i = 0; i < count; i++) {
		while (now() < next)
			;
		next = now() + pace_ns;
		if (!one_event(kind, i, peers)) {
			say("error unknown kind of event: %s", kind);
			break;
		}
	}
	send_flags = 0;
	say("burst %ld %ld", count, lost);
}

static void obey(const char *line)
{
	char kind[16];
	long count, peers, pause;
	int number;

	if (sscanf(line, "react %15s %ld %ld %ld", kind, &count, &peers, &pause) == 4 && count > 0 && peers > 0) {
		reactions(count, peers, pause, kind);
	} else if (sscanf(line, "flood %15s %ld %ld", kind, &count, &peers) == 3 && peers > 0) {
		flood(kind, count, peers);
	} else if (sscanf(line, "burst %15s %ld %ld %ld", kind, &count, &peers, &pause) == 4 && peers > 0) {
		burst(kind, count, peers, pause);
	} else if (sscanf(line, "stations %d", &number) == 1 && number <= 255) {
		connect_stations(number);
	} else if (strncmp(line, "count", 5) == 0) {
		say("count %ld %ld", requests, pings);
		requests = pings = 0;
	} else {
		say("error unknown command: %s", line);
	}
}

int main(int argc, char **argv)
{
	char line[256];

	if (argc != 2) {
		fprintf(stderr, "usage: fake-supplicant FOLDER\n");
		return 2;
	}
	folder = argv[1];
	signal(SIGPIPE, SIG_IGN);
	mkdir(folder, 0770);
	serve(&faces[WLAN]);
	serve(&faces[DEVICE]);
	/* Unbuffered, so that poll() sees all input. */
	setvbuf(stdin, NULL, _IONBF, 0);
	say("ready");
	for (;;) {
		if (!turn(-1))
			continue;
		if (!fgets(line, sizeof line, stdin))
			break;
		line[strcspn(line, "\n")] = 0;
		obey(line);
	}
	for (int i = 0; i < FACES; i++)
		end(&faces[i]);
	return 0;
}
