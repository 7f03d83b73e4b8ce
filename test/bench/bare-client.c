/*
 * The minimum that a program can do: attach, start the group, attach to it, and answer WPS-PIN-NEEDED with WPS_PIN.
 * No parsing, no log, no timer. It is the reference for the reaction time of a real program.
 * Usage: bare-client CONTROL_FOLDER OWN_FOLDER
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static char buffer[65536];

static struct sockaddr_un at(const char *folder, const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	if (snprintf(address.sun_path, sizeof address.sun_path, "%s/%s", folder, name) >= (int) sizeof address.sun_path)
		exit(2);
	return address;
}

static int open_at(const char *folder, const char *name)
{
	struct sockaddr_un own = at(folder, name);
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	unlink(own.sun_path);
	if (fd < 0 || bind(fd, (struct sockaddr *) &own, sizeof own) < 0) {
		perror(own.sun_path);
		exit(2);
	}
	return fd;
}

static void request(int fd, const struct sockaddr_un *server, const char *command)
{
	if (sendto(fd, command, strlen(command), 0, (const struct sockaddr *) server, sizeof *server) < 0)
		exit(1);
}

static const char *next(int fd)
{
	ssize_t length = recv(fd, buffer, sizeof buffer - 1, 0);
	if (length < 0)
		exit(1);
	buffer[length] = 0;
	return buffer;
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	struct sockaddr_un device = at(argv[1], "p2p-dev-wlan0"), group = at(argv[1], "p2p-wlan0-0");
	struct pollfd both[2] = { { .fd = open_at(argv[2], "dev"), .events = POLLIN },
				  { .fd = open_at(argv[2], "grp"), .events = POLLIN } };

	request(both[0].fd, &device, "ATTACH");
	next(both[0].fd);
	request(both[0].fd, &device, "P2P_GROUP_ADD persistent=0");
	while (!strstr(next(both[0].fd), "P2P-GROUP-STARTED"))
		;
	request(both[1].fd, &group, "ATTACH");
	while (poll(both, 2, -1) > 0) {
		char command[128], enrollee[18];
		if (both[0].revents)
			next(both[0].fd);
		if (both[1].revents && sscanf(next(both[1].fd), "<3>WPS-PIN-NEEDED %*s %17s", enrollee) == 1) {
			snprintf(command, sizeof command, "WPS_PIN %s 12345670 120", enrollee);
			request(both[1].fd, &group, command);
		}
	}
	return 0;
}
